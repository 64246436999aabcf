import Kit

/// The nearest numbers of 8 significant bits, ties to even: the plain definition of rounding to bfloat16.
public func roundedToBFloat16(_ tensor: Tensor) -> Tensor {
    Tensor(
        tensor.values.map { value in
            guard value != 0 else { return 0 }
            let unit = value.binade / 128
            return (value / unit).rounded(.toNearestOrEven) * unit
        }, tensor.shape)
}
