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
