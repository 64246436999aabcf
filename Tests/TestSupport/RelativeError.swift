import KitTensor

/// |a - b| / |b| in norm.
public func relativeError(_ a: Tensor, _ b: [Double]) -> Double {
    let difference = zip(a.values, b).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    return (difference / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
}

public func relativeError(_ a: Tensor, _ b: Tensor) -> Double { relativeError(a, b.values.map(Double.init)) }
