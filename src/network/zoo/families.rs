//! What networks there are, and which weights torchvision publishes for them: files and top-1 accuracies as its 0.26 tells them.

use super::regnet::Numbers;
use super::resnet::Block;
use super::{
    alexnet, convnext, densenet, efficientnet, efficientnet_lite, googlenet, inception, mnasnet,
    mobilenet, mobilenet_v3, regnet, resnet, shufflenet, squeezenet, tiny, vgg, zfnet,
};
use super::{Build, Entry, Family, Names, Published};
use crate::{Changes, Interpolation, Network, Preset, Resize, Rounding};

const fn entry(
    name: &'static str,
    title: &'static str,
    published: &'static [Published],
    build: fn() -> Network,
) -> Entry {
    Entry {
        name,
        title,
        published,
        preset: Preset::Torchvision,
        preprocessing: Changes::NONE,
        build: Build::One(build),
    }
}

/// Of one that timm has as well, under this name and with other names in it.
const fn also_timms(
    name: &'static str,
    title: &'static str,
    published: &'static [Published],
    (timm, build): (&'static str, fn(Names) -> Network),
) -> Entry {
    Entry {
        name,
        title,
        published,
        preset: Preset::Torchvision,
        preprocessing: Changes::NONE,
        build: Build::Both(timm, build),
    }
}

/// Whose published weights want photographs of another size, or resized another way.
const fn resized(entry: Entry, side: u32, interpolation: Interpolation) -> Entry {
    Entry {
        preprocessing: Changes {
            resize: Some(Resize::Shorter(side)),
            interpolation: Some(interpolation),
            ..Changes::NONE
        },
        ..entry
    }
}

const fn published(file: &'static str, top1: f64) -> Published {
    Published { file, top1 }
}

const fn family(about: &'static str, members: &'static [Entry]) -> Family {
    Family { about, members }
}

/// torchvision's own network takes its usual input and turns it into this one.
const GOOGLENET: Entry = Entry {
    preset: Preset::Tf,
    preprocessing: Changes {
        rounding: Some(Rounding::HalfEven),
        ..Changes::NONE
    },
    ..entry(
        "googlenet",
        "GoogLeNet",
        &[published("googlenet-1378be20.pth", 69.778)],
        googlenet::googlenet,
    )
};

/// Likewise.
const INCEPTION_V3: Entry = Entry {
    preset: Preset::Tf,
    preprocessing: Changes {
        resize: Some(Resize::Shorter(342)),
        rounding: Some(Rounding::HalfEven),
        ..Changes::NONE
    },
    ..entry(
        "inception_v3",
        "Inception v3",
        &[published("inception_v3_google-0cc3c7bd.pth", 77.294)],
        inception::v3,
    )
};

const EFFICIENTNET_LITE0: Entry = Entry {
    preprocessing: efficientnet_lite::PREPROCESSING,
    ..entry(
        "efficientnet_lite0",
        "EfficientNet-Lite0",
        &[],
        efficientnet_lite::lite0,
    )
};

const X_400MF: Numbers = Numbers {
    maps: [32, 64, 160, 400],
    blocks: [1, 2, 7, 12],
    together: 16,
};
const X_800MF: Numbers = Numbers {
    maps: [64, 128, 288, 672],
    blocks: [1, 3, 7, 5],
    together: 16,
};
const X_1_6GF: Numbers = Numbers {
    maps: [72, 168, 408, 912],
    blocks: [2, 4, 10, 2],
    together: 24,
};
const X_3_2GF: Numbers = Numbers {
    maps: [96, 192, 432, 1008],
    blocks: [2, 6, 15, 2],
    together: 48,
};
const X_8GF: Numbers = Numbers {
    maps: [80, 240, 720, 1920],
    blocks: [2, 5, 15, 1],
    together: 120,
};
const X_16GF: Numbers = Numbers {
    maps: [256, 512, 896, 2048],
    blocks: [2, 6, 13, 1],
    together: 128,
};
const X_32GF: Numbers = Numbers {
    maps: [336, 672, 1344, 2520],
    blocks: [2, 7, 13, 1],
    together: 168,
};
const Y_400MF: Numbers = Numbers {
    maps: [48, 104, 208, 440],
    blocks: [1, 3, 6, 6],
    together: 8,
};
const Y_800MF: Numbers = Numbers {
    maps: [64, 144, 320, 784],
    blocks: [1, 3, 8, 2],
    together: 16,
};
const Y_1_6GF: Numbers = Numbers {
    maps: [48, 120, 336, 888],
    blocks: [2, 6, 17, 2],
    together: 24,
};
const Y_3_2GF: Numbers = Numbers {
    maps: [72, 216, 576, 1512],
    blocks: [2, 5, 13, 1],
    together: 24,
};
const Y_8GF: Numbers = Numbers {
    maps: [224, 448, 896, 2016],
    blocks: [2, 4, 10, 1],
    together: 56,
};
const Y_16GF: Numbers = Numbers {
    maps: [224, 448, 1232, 3024],
    blocks: [2, 4, 11, 1],
    together: 112,
};
const Y_32GF: Numbers = Numbers {
    maps: [232, 696, 1392, 3712],
    blocks: [2, 5, 12, 1],
    together: 232,
};

/// All of them. `tiny` is for tests.
pub const FAMILIES: &[Family] = &[
    family("SqueezeNet (Iandola et al. 2016), torchvision's names", &[
        entry("squeezenet1_1", "SqueezeNet 1.1", &[published("squeezenet1_1-b8a52dc0.pth", 58.178)], squeezenet::v1_1),
        entry("squeezenet1_0", "SqueezeNet 1.0", &[published("squeezenet1_0-b66bff10.pth", 58.092)], squeezenet::v1_0),
    ]),
    family("AlexNet in one tower (Krizhevsky 2014), torchvision's names; the original with groups and contrast normalisation (Krizhevsky et al. 2012), Caffe's names", &[
        entry("alexnet", "AlexNet", &[published("alexnet-owt-7be5be79.pth", 56.522)], alexnet::one_tower),
        entry("alexnet_original", "original AlexNet", &[], alexnet::original),
    ]),
    family("the network of Zeiler & Fergus 2013, fig. 3; a small one for 64×64 pixels, to be trained on a small machine", &[
        entry("zfnet", "ZFNet", &[], zfnet::zfnet),
        entry("zfnet_small", "small ZFNet", &[], zfnet::small),
    ]),
    family("VGG (Simonyan & Zisserman 2014), torchvision's names", &[
        entry("vgg11", "VGG11", &[published("vgg11-8a719046.pth", 69.02)], || vgg::vgg("vgg11", [1, 1, 2, 2, 2], false)),
        entry("vgg13", "VGG13", &[published("vgg13-19584684.pth", 69.928)], || vgg::vgg("vgg13", [2, 2, 2, 2, 2], false)),
        entry("vgg16", "VGG16", &[published("vgg16-397923af.pth", 71.592)], || vgg::vgg("vgg16", [2, 2, 3, 3, 3], false)),
        entry("vgg19", "VGG19", &[published("vgg19-dcbb9e9d.pth", 72.376)], || vgg::vgg("vgg19", [2, 2, 4, 4, 4], false)),
        entry("vgg11_bn", "VGG11 with batch norm", &[published("vgg11_bn-6002323d.pth", 70.37)], || vgg::vgg("vgg11_bn", [1, 1, 2, 2, 2], true)),
        entry("vgg13_bn", "VGG13 with batch norm", &[published("vgg13_bn-abd245e5.pth", 71.586)], || vgg::vgg("vgg13_bn", [2, 2, 2, 2, 2], true)),
        entry("vgg16_bn", "VGG16 with batch norm", &[published("vgg16_bn-6c64b313.pth", 73.36)], || vgg::vgg("vgg16_bn", [2, 2, 3, 3, 3], true)),
        entry("vgg19_bn", "VGG19 with batch norm", &[published("vgg19_bn-c79401a0.pth", 74.218)], || vgg::vgg("vgg19_bn", [2, 2, 4, 4, 4], true)),
    ]),
    family("ResNet (He et al. 2015), torchvision's names", &[
        entry("resnet18", "ResNet18", &[published("resnet18-f37072fd.pth", 69.758)], || resnet::resnet("resnet18", [2, 2, 2, 2], Block::Basic)),
        entry("resnet34", "ResNet34", &[published("resnet34-b627a593.pth", 73.314)], || resnet::resnet("resnet34", [3, 4, 6, 3], Block::Basic)),
        entry("resnet50", "ResNet50", &[published("resnet50-0676ba61.pth", 76.13), published("resnet50-11ad3fa6.pth", 80.858)], || resnet::resnet("resnet50", [3, 4, 6, 3], Block::BOTTLENECK)),
        entry("resnet101", "ResNet101", &[published("resnet101-63fe2227.pth", 77.374), published("resnet101-cd907fc2.pth", 81.886)], || resnet::resnet("resnet101", [3, 4, 23, 3], Block::BOTTLENECK)),
        entry("resnet152", "ResNet152", &[published("resnet152-394f9c45.pth", 78.312), published("resnet152-f82ba261.pth", 82.284)], || resnet::resnet("resnet152", [3, 8, 36, 3], Block::BOTTLENECK)),
    ]),
    family("ResNeXt (Xie et al. 2016), torchvision's names", &[
        entry("resnext50_32x4d", "ResNeXt50 32×4d", &[published("resnext50_32x4d-7cdf4587.pth", 77.618), published("resnext50_32x4d-1a0047aa.pth", 81.198)], || resnet::resnet("resnext50_32x4d", [3, 4, 6, 3], Block::Bottleneck { groups: 32, width: 4 })),
        entry("resnext101_32x8d", "ResNeXt101 32×8d", &[published("resnext101_32x8d-8ba56ff5.pth", 79.312), published("resnext101_32x8d-110c445d.pth", 82.834)], || resnet::resnet("resnext101_32x8d", [3, 4, 23, 3], Block::Bottleneck { groups: 32, width: 8 })),
        entry("resnext101_64x4d", "ResNeXt101 64×4d", &[published("resnext101_64x4d-173b62eb.pth", 83.246)], || resnet::resnet("resnext101_64x4d", [3, 4, 23, 3], Block::Bottleneck { groups: 64, width: 4 })),
    ]),
    family("Wide ResNet (Zagoruyko & Komodakis 2016), torchvision's names", &[
        entry("wide_resnet50_2", "Wide ResNet50-2", &[published("wide_resnet50_2-95faca4d.pth", 78.468), published("wide_resnet50_2-9ba9bcbe.pth", 81.602)], || resnet::resnet("wide_resnet50_2", [3, 4, 6, 3], Block::Bottleneck { groups: 1, width: 128 })),
        entry("wide_resnet101_2", "Wide ResNet101-2", &[published("wide_resnet101_2-32ee1156.pth", 78.848), published("wide_resnet101_2-d733dc28.pth", 82.51)], || resnet::resnet("wide_resnet101_2", [3, 4, 23, 3], Block::Bottleneck { groups: 1, width: 128 })),
    ]),
    family("DenseNet (Huang et al. 2016), torchvision's names", &[
        entry("densenet121", "DenseNet121", &[published("densenet121-a639ec97.pth", 74.434)], || densenet::densenet("densenet121", 32, [6, 12, 24, 16])),
        entry("densenet161", "DenseNet161", &[published("densenet161-8d451a50.pth", 77.138)], || densenet::densenet("densenet161", 48, [6, 12, 36, 24])),
        entry("densenet169", "DenseNet169", &[published("densenet169-b2777c0a.pth", 75.6)], || densenet::densenet("densenet169", 32, [6, 12, 32, 32])),
        entry("densenet201", "DenseNet201", &[published("densenet201-c1103571.pth", 76.896)], || densenet::densenet("densenet201", 32, [6, 12, 48, 32])),
    ]),
    family("GoogLeNet with batch norm (Szegedy et al. 2014), torchvision's names", &[
        GOOGLENET,
    ]),
    family("Inception v3 (Szegedy et al. 2015), torchvision's names", &[
        INCEPTION_V3,
    ]),
    family("MobileNet v2 (Sandler et al. 2018), torchvision's names", &[
        entry("mobilenet_v2", "MobileNet v2", &[published("mobilenet_v2-b0353104.pth", 71.878), published("mobilenet_v2-7ebf99e0.pth", 72.154)], mobilenet::v2),
    ]),
    family("MobileNet v3 (Howard et al. 2019), torchvision's names or timm's", &[
        also_timms("mobilenet_v3_small", "MobileNet v3 small", &[published("mobilenet_v3_small-047dcff4.pth", 67.668)], ("mobilenetv3_small_100", mobilenet_v3::small)),
        also_timms("mobilenet_v3_large", "MobileNet v3 large", &[published("mobilenet_v3_large-8738ca79.pth", 74.042), published("mobilenet_v3_large-5c1a4163.pth", 75.274)], ("mobilenetv3_large_100", mobilenet_v3::large)),
    ]),
    family("MnasNet (Tan et al. 2018), torchvision's names", &[
        entry("mnasnet0_5", "MnasNet 0.5", &[published("mnasnet0.5_top1_67.823-3ffadce67e.pth", 67.734)], || mnasnet::mnasnet("mnasnet0_5", 0.5)),
        entry("mnasnet0_75", "MnasNet 0.75", &[published("mnasnet0_75-7090bc5f.pth", 71.18)], || mnasnet::mnasnet("mnasnet0_75", 0.75)),
        entry("mnasnet1_0", "MnasNet 1.0", &[published("mnasnet1.0_top1_73.512-f206786ef8.pth", 73.456)], || mnasnet::mnasnet("mnasnet1_0", 1.0)),
        entry("mnasnet1_3", "MnasNet 1.3", &[published("mnasnet1_3-a4c69d6f.pth", 76.506)], || mnasnet::mnasnet("mnasnet1_3", 1.3)),
    ]),
    family("ShuffleNet v2 (Ma et al. 2018), torchvision's names", &[
        entry("shufflenet_v2_x0_5", "ShuffleNet v2 ×0.5", &[published("shufflenetv2_x0.5-f707e7126e.pth", 60.552)], || shufflenet::v2("shufflenet_v2_x0_5", [48, 96, 192, 1024])),
        entry("shufflenet_v2_x1_0", "ShuffleNet v2 ×1.0", &[published("shufflenetv2_x1-5666bf0f80.pth", 69.362)], || shufflenet::v2("shufflenet_v2_x1_0", [116, 232, 464, 1024])),
        entry("shufflenet_v2_x1_5", "ShuffleNet v2 ×1.5", &[published("shufflenetv2_x1_5-3c479a10.pth", 72.996)], || shufflenet::v2("shufflenet_v2_x1_5", [176, 352, 704, 1024])),
        entry("shufflenet_v2_x2_0", "ShuffleNet v2 ×2.0", &[published("shufflenetv2_x2_0-8be3c8ee.pth", 76.23)], || shufflenet::v2("shufflenet_v2_x2_0", [244, 488, 976, 2048])),
    ]),
    family("RegNetX (Radosavovic et al. 2020), torchvision's names or timm's", &[
        also_timms("regnet_x_400mf", "RegNetX-400MF", &[published("regnet_x_400mf-adf1edd5.pth", 72.834), published("regnet_x_400mf-62229a5f.pth", 74.864)], ("regnetx_004", |names| regnet::x("regnet_x_400mf", X_400MF, names))),
        also_timms("regnet_x_800mf", "RegNetX-800MF", &[published("regnet_x_800mf-ad17e45c.pth", 75.212), published("regnet_x_800mf-94a99ebd.pth", 77.522)], ("regnetx_008", |names| regnet::x("regnet_x_800mf", X_800MF, names))),
        also_timms("regnet_x_1_6gf", "RegNetX-1.6GF", &[published("regnet_x_1_6gf-e3633e7f.pth", 77.04), published("regnet_x_1_6gf-a12f2b72.pth", 79.668)], ("regnetx_016", |names| regnet::x("regnet_x_1_6gf", X_1_6GF, names))),
        also_timms("regnet_x_3_2gf", "RegNetX-3.2GF", &[published("regnet_x_3_2gf-f342aeae.pth", 78.364), published("regnet_x_3_2gf-7071aa85.pth", 81.196)], ("regnetx_032", |names| regnet::x("regnet_x_3_2gf", X_3_2GF, names))),
        also_timms("regnet_x_8gf", "RegNetX-8GF", &[published("regnet_x_8gf-03ceed89.pth", 79.344), published("regnet_x_8gf-2b70d774.pth", 81.682)], ("regnetx_080", |names| regnet::x("regnet_x_8gf", X_8GF, names))),
        also_timms("regnet_x_16gf", "RegNetX-16GF", &[published("regnet_x_16gf-2007eb11.pth", 80.058), published("regnet_x_16gf-ba3796d7.pth", 82.716)], ("regnetx_160", |names| regnet::x("regnet_x_16gf", X_16GF, names))),
        also_timms("regnet_x_32gf", "RegNetX-32GF", &[published("regnet_x_32gf-9d47f8d0.pth", 80.622), published("regnet_x_32gf-6eb8fdc6.pth", 83.014)], ("regnetx_320", |names| regnet::x("regnet_x_32gf", X_32GF, names))),
    ]),
    family("RegNetY, with gates (Radosavovic et al. 2020), torchvision's names or timm's", &[
        also_timms("regnet_y_400mf", "RegNetY-400MF", &[published("regnet_y_400mf-c65dace8.pth", 74.046), published("regnet_y_400mf-e6988f5f.pth", 75.804)], ("regnety_004", |names| regnet::y("regnet_y_400mf", Y_400MF, names))),
        also_timms("regnet_y_800mf", "RegNetY-800MF", &[published("regnet_y_800mf-1b27b58c.pth", 76.42), published("regnet_y_800mf-58fc7688.pth", 78.828)], ("regnety_008", |names| regnet::y("regnet_y_800mf", Y_800MF, names))),
        also_timms("regnet_y_1_6gf", "RegNetY-1.6GF", &[published("regnet_y_1_6gf-b11a554e.pth", 77.95), published("regnet_y_1_6gf-0d7bc02a.pth", 80.876)], ("regnety_016", |names| regnet::y("regnet_y_1_6gf", Y_1_6GF, names))),
        also_timms("regnet_y_3_2gf", "RegNetY-3.2GF", &[published("regnet_y_3_2gf-b5a9779c.pth", 78.948), published("regnet_y_3_2gf-9180c971.pth", 81.982)], ("regnety_032", |names| regnet::y("regnet_y_3_2gf", Y_3_2GF, names))),
        also_timms("regnet_y_8gf", "RegNetY-8GF", &[published("regnet_y_8gf-d0d0e4a8.pth", 80.032), published("regnet_y_8gf-dc2b1b54.pth", 82.828)], ("regnety_080", |names| regnet::y("regnet_y_8gf", Y_8GF, names))),
        also_timms("regnet_y_16gf", "RegNetY-16GF", &[published("regnet_y_16gf-9e6ed7dd.pth", 80.424), published("regnet_y_16gf-3e4a00f9.pth", 82.886)], ("regnety_160", |names| regnet::y("regnet_y_16gf", Y_16GF, names))),
        also_timms("regnet_y_32gf", "RegNetY-32GF", &[published("regnet_y_32gf-4dee3f7a.pth", 80.878), published("regnet_y_32gf-8db6d4b5.pth", 83.368)], ("regnety_320", |names| regnet::y("regnet_y_32gf", Y_32GF, names))),
    ]),
    family("EfficientNet (Tan & Le 2019, 2021), torchvision's names or timm's", &[
        resized(
            also_timms("efficientnet_b0", "EfficientNet-B0", &[published("efficientnet_b0_rwightman-7f5810bc.pth", 77.692)], ("efficientnet_b0", |names| efficientnet::b("efficientnet_b0", 224, 1.0, 1.0, names))),
            256, Interpolation::Bicubic,
        ),
        resized(
            also_timms("efficientnet_b1", "EfficientNet-B1", &[published("efficientnet_b1_rwightman-bac287d4.pth", 78.642), published("efficientnet_b1-c27df63c.pth", 79.838)], ("efficientnet_b1", |names| efficientnet::b("efficientnet_b1", 240, 1.0, 1.1, names))),
            256, Interpolation::Bicubic,
        ),
        resized(
            also_timms("efficientnet_b2", "EfficientNet-B2", &[published("efficientnet_b2_rwightman-c35c1473.pth", 80.608)], ("efficientnet_b2", |names| efficientnet::b("efficientnet_b2", 288, 1.1, 1.2, names))),
            288, Interpolation::Bicubic,
        ),
        resized(
            also_timms("efficientnet_b3", "EfficientNet-B3", &[published("efficientnet_b3_rwightman-b3899882.pth", 82.008)], ("efficientnet_b3", |names| efficientnet::b("efficientnet_b3", 300, 1.2, 1.4, names))),
            320, Interpolation::Bicubic,
        ),
        resized(
            also_timms("efficientnet_b4", "EfficientNet-B4", &[published("efficientnet_b4_rwightman-23ab8bcd.pth", 83.384)], ("efficientnet_b4", |names| efficientnet::b("efficientnet_b4", 380, 1.4, 1.8, names))),
            384, Interpolation::Bicubic,
        ),
        resized(entry("efficientnet_v2_s", "EfficientNetV2-S", &[published("efficientnet_v2_s-dd5fe13b.pth", 84.228)], efficientnet::v2_s), 384, Interpolation::Bilinear),
    ]),
    family("ConvNeXt (Liu et al. 2022), torchvision's names or timm's", &[
        resized(
            also_timms("convnext_tiny", "ConvNeXt-T", &[published("convnext_tiny-983f1562.pth", 82.52)], ("convnext_tiny", |names| convnext::convnext("convnext_tiny", [96, 192, 384, 768], [3, 3, 9, 3], names))),
            236, Interpolation::Bilinear,
        ),
        resized(
            also_timms("convnext_small", "ConvNeXt-S", &[published("convnext_small-0c510722.pth", 83.616)], ("convnext_small", |names| convnext::convnext("convnext_small", [96, 192, 384, 768], [3, 3, 27, 3], names))),
            230, Interpolation::Bilinear,
        ),
        resized(
            also_timms("convnext_base", "ConvNeXt-B", &[published("convnext_base-6075fbad.pth", 84.062)], ("convnext_base", |names| convnext::convnext("convnext_base", [128, 256, 512, 1024], [3, 3, 27, 3], names))),
            232, Interpolation::Bilinear,
        ),
    ]),
    family("EfficientNet-Lite0 (Google 2020), efficientnet_lite_pytorch's names", &[
        EFFICIENTNET_LITE0,
    ]),
    family("a network of every op for tests: 5 classes, 32×32 pixels", &[
        entry("tiny", "tiny", &[], tiny::tiny),
    ]),
];
