use super::super::external::Folder;
use super::super::messages::tensor_proto::{DataType, Segment};
use super::super::messages::TensorProto;
use super::super::{Numbers, Tensor};
use protobuf::MessageField;

fn proto(kind: DataType, dims: &[i64]) -> TensorProto {
    let mut proto = TensorProto::new();
    proto.set_data_type(kind as i32);
    proto.dims = dims.to_vec();
    proto
}

fn read(proto: TensorProto) -> Result<Numbers, String> {
    Tensor::from_proto(proto, &Folder::default()).map(|tensor| tensor.values)
}

fn raw(kind: DataType, bytes: &[u8]) -> Result<Numbers, String> {
    let mut proto = proto(kind, &[2]);
    proto.set_raw_data(bytes.to_vec());
    read(proto)
}

fn typed(kind: DataType, fill: impl Fn(&mut TensorProto)) -> Result<Numbers, String> {
    let mut proto = proto(kind, &[2]);
    fill(&mut proto);
    read(proto)
}

#[test]
fn floats_of_every_width() {
    let expected = Ok(Numbers::Floats(vec![1.5, -2.0]));
    assert_eq!(
        raw(DataType::FLOAT, &[0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]),
        expected
    );
    assert_eq!(raw(DataType::FLOAT16, &[0, 0x3e, 0, 0xc0]), expected);
    assert_eq!(raw(DataType::BFLOAT16, &[0xc0, 0x3f, 0, 0xc0]), expected);
    let double = [1.5_f64, -2.0].map(f64::to_le_bytes).concat();
    assert_eq!(raw(DataType::DOUBLE, &double), expected);
    assert_eq!(
        typed(DataType::FLOAT, |p| p.float_data = vec![1.5, -2.0]),
        expected
    );
    assert_eq!(
        typed(DataType::DOUBLE, |p| p.double_data = vec![1.5, -2.0]),
        expected
    );
    assert_eq!(
        typed(DataType::FLOAT16, |p| p.int32_data = vec![0x3e00, 0xc000]),
        expected
    );
    assert_eq!(
        typed(DataType::BFLOAT16, |p| p.int32_data = vec![0x3fc0, 0xc000]),
        expected
    );
}

#[test]
fn integers_of_every_width() {
    let expected = Ok(Numbers::Integers(vec![3, -2]));
    assert_eq!(raw(DataType::INT8, &[3, 0xfe]), expected);
    assert_eq!(raw(DataType::INT16, &[3, 0, 0xfe, 0xff]), expected);
    assert_eq!(
        raw(DataType::INT32, &[3_i32, -2].map(i32::to_le_bytes).concat()),
        expected
    );
    assert_eq!(
        raw(DataType::INT64, &[3_i64, -2].map(i64::to_le_bytes).concat()),
        expected
    );
    assert_eq!(
        typed(DataType::INT64, |p| p.int64_data = vec![3, -2]),
        expected
    );
    for kind in [DataType::INT8, DataType::INT16, DataType::INT32] {
        assert_eq!(typed(kind, |p| p.int32_data = vec![3, -2]), expected);
    }
    let large = |value| Ok(Numbers::Integers(vec![3, value]));
    assert_eq!(raw(DataType::UINT8, &[3, 0xfe]), large(0xfe));
    assert_eq!(raw(DataType::UINT16, &[3, 0, 0xfe, 0xff]), large(0xfffe));
    assert_eq!(
        raw(DataType::UINT32, &[3, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff]),
        large(0xffff_fffe)
    );
    assert_eq!(
        typed(DataType::UINT32, |p| p.uint64_data = vec![3, 0xffff_fffe]),
        large(0xffff_fffe)
    );
    assert_eq!(
        raw(DataType::BOOL, &[0, 7]),
        Ok(Numbers::Integers(vec![0, 1]))
    );
    assert_eq!(
        typed(DataType::BOOL, |p| p.int32_data = vec![0, 7]),
        Ok(Numbers::Integers(vec![0, 1]))
    );
    let beyond = typed(DataType::UINT64, |p| p.uint64_data = vec![3, u64::MAX]);
    assert!(beyond.unwrap_err().contains("above"));
}

#[test]
fn single_numbers_and_empty_tensors() {
    let mut single = proto(DataType::FLOAT, &[]);
    single.float_data = vec![4.0];
    assert_eq!(read(single), Ok(Numbers::Floats(vec![4.0])));
    assert_eq!(
        read(proto(DataType::INT64, &[0, 3])),
        Ok(Numbers::Integers(vec![]))
    );
    assert_eq!(
        read(proto(DataType::FLOAT, &[i64::MAX, 0, i64::MAX])),
        Ok(Numbers::Floats(vec![]))
    );
}

#[test]
fn shapes_must_be_filled() {
    assert!(raw(DataType::FLOAT, &[0; 7])
        .unwrap_err()
        .contains("needs 8 bytes, 7 are there"));
    assert!(typed(DataType::FLOAT, |p| p.float_data = vec![1.0])
        .unwrap_err()
        .contains("needs 2 values, 1"));
    assert!(read(proto(DataType::FLOAT, &[2]))
        .unwrap_err()
        .contains("needs 2 values, 0"));
    assert!(read(proto(DataType::FLOAT, &[2, -1]))
        .unwrap_err()
        .contains("negative"));
}

#[test]
fn terabytes_are_refused_before_they_are_asked_for() {
    for dims in [
        &[1 << 20, 1 << 20][..],
        &[i64::MAX, i64::MAX],
        &[(1 << 28) + 1],
    ] {
        let mut claimed = proto(DataType::FLOAT, dims);
        claimed.set_raw_data(vec![0; 4]);
        assert!(read(claimed).unwrap_err().contains("claims more than"));
    }
    let mut claimed = proto(DataType::DOUBLE, &[1 << 28]);
    claimed.set_raw_data(vec![0; 8]);
    assert!(read(claimed).unwrap_err().contains("8 are there"));
}

#[test]
fn what_is_no_dense_tensor_of_numbers_is_refused() {
    let refused = |kind| read(proto(kind, &[0])).unwrap_err();
    assert!(refused(DataType::STRING).contains("STRING"));
    assert!(refused(DataType::COMPLEX64).contains("COMPLEX64"));
    assert!(refused(DataType::INT4).contains("INT4"));
    assert!(refused(DataType::UNDEFINED).contains("no element type"));
    let mut unknown = proto(DataType::FLOAT, &[0]);
    unknown.set_data_type(99);
    assert!(read(unknown).unwrap_err().contains("99"));
    let mut segment = proto(DataType::FLOAT, &[0]);
    segment.segment = MessageField::some(Segment::new());
    assert!(read(segment).unwrap_err().contains("segments"));
}
