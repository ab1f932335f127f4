//! Pickles written by hand, opcode by opcode.

use super::*;

/// A call that makes a tensor of so many axes, all of length 1; class and arguments are put down as 0 and 1.
fn tensor(axes: usize) -> Vec<u8> {
    let mut bytes = b"ctorch._utils\n_rebuild_tensor_v2\nq\x00".to_vec();
    bytes.extend(b"((U\x07storagectorch\nFloatStorage\nU\x010NK\x01tQK\x00");
    for number in [1, 0] {
        bytes.push(b'(');
        bytes.extend([b'K', number].repeat(axes));
        bytes.push(b't');
    }
    bytes.extend(b"tq\x01R");
    bytes
}

fn run(bytes: &[u8]) -> Result<Machine, String> {
    let mut machine = Machine::default();
    machine.run(bytes).map(|_| machine)
}

#[test]
fn a_tensor_has_as_many_axes_as_pytorch_computes_with() {
    let of = |axes| run(&[tensor(axes), b".".to_vec()].concat());
    assert_eq!(of(64).unwrap().tensors[0].shape, [1; 64]);
    assert!(of(65).unwrap_err().contains("65 axes"));
}

/// A few bytes are enough to rebuild what was put down.
#[test]
fn tensors_are_counted() {
    let again = b"0h\x00h\x01R".repeat(MAX_TENSORS - 1);
    let most = [tensor(1), again].concat();
    let end = |end: &[u8]| run(&[&most[..], end].concat());
    assert_eq!(end(b".").unwrap().tensors.len(), MAX_TENSORS);
    assert!(end(b"0h\x00h\x01R.")
        .unwrap_err()
        .contains("more than 100000 tensors"));
}

/// Objects that are called, appended to, filled and given a state are names, and a tensor of one is as opaque.
#[test]
fn objects_are_names() {
    let machine =
        run(b"cfunctools\npartial\ncbuiltins\nint\n\x85R}b(K\x01K\x02e(U\x01aK\x03u.").unwrap();
    let [object] = &machine.objects[..] else {
        panic!("expected one object");
    };
    assert_eq!(object.class.to_string(), "functools.partial");
    assert_eq!(object.items.len(), 1);
    let opaque = b"ctorch._utils\n_rebuild_tensor_v2\n(cnumpy\narray\n)RK\x00))t";
    let parameter = b"ctorch._utils\n_rebuild_parameter\n";
    for calls in [
        &[&opaque[..], b"R."].concat()[..],
        &[parameter, &opaque[..], b"R\x85R."].concat(),
    ] {
        let machine = run(calls).unwrap();
        assert_eq!(machine.tensors, []);
        assert_eq!(machine.objects[0].class.to_string(), "numpy.array");
    }
}

/// A dict in a list, which Python 2 wrote, is copied; a few bytes would have it copied again and again.
#[test]
fn copies_are_counted() {
    let dict = b"ccollections\nOrderedDict\nq\x00]q\x02(U\x01aK\x01\x86".to_vec();
    let full = [&dict[..], &b"U\x01bK\x02\x86".repeat(999), b"e\x85q\x01R"].concat();
    let machine = run(&[&full[..], b"."].concat()).unwrap();
    assert_eq!(machine.dicts[0].len(), 1000);
    let again = b"0h\x00h\x01R".repeat(100);
    let error = run(&[&full[..], &again, b"."].concat()).unwrap_err();
    assert!(error.contains("entries of dicts in lists"), "{error}");
}
