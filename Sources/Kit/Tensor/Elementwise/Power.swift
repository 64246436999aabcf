import CKernels
import Glibc
import KitCore

extension Tensor {
    /// Every element to the power of a number. Negative elements to a fractional power are NaN.
    public func power(_ exponent: Float) -> Tensor {
        switch exponent {
        case 1: return self + 0
        case 2: return squared()
        case 0.5: return sqrt()
        case -1: return 1 / self
        default: break
        }
        let result = Tensor(uninitialized: shape)
        let (x, y) = (pointer, result.pointer)
        ThreadPool.shared.forEachRange(count, grain: Elementwise.grain / 8) {
            for index in $0 { y[index] = powf(x[index], exponent) }
        }
        return result.recorded("power", [self], form: .number("Pow", exponent)) { [self] gradient in
            // The gradient of x^0 is 0 even at 0, where 0 * x^-1 is NaN.
            exponent == 0 ? [Tensor.zeros(shape)] : [try gradient * power(exponent - 1) * exponent]
        }
    }

    /// Every element of this tensor to the power of the other's, with broadcasting.
    ///
    /// The exponent's gradient, x^y ln x, is taken as 0 where the base is not positive.
    public func power(_ exponent: Tensor) throws -> Tensor {
        let (x, y) = (detached(), exponent.detached())
        let result = try Broadcasting("power", shape, exponent.shape).run(Self.powerRows, self, exponent)
        let saved = exponent.needsGrad ? result.detached() : nil
        let needsBase = needsGrad
        return result.recorded("power", [self, exponent], form: .binary("Pow")) { gradient in
            let base = needsBase ? try (gradient * y * x.power(y - 1)).summed(to: x.shape) : nil
            let slope = try saved.map { try $0 * x.clamped(.leastNormalMagnitude).log() * Tensor(0).less(than: x) }
            return [base, try slope.map { try (gradient * $0).summed(to: y.shape) }]
        }
    }

    private static let powerRows: Elementwise.Rows = { x, xRow, xColumn, y, yRow, yColumn, z, zRow, rows, columns in
        for row in 0..<rows {
            for column in 0..<columns {
                z[row * zRow + column] = powf(x[row * xRow + column * xColumn], y[row * yRow + column * yColumn])
            }
        }
    }
}
