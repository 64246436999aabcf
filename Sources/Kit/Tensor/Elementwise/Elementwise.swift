import CKernels
import KitCore

/// Runs kernels over all elements of tensors, in tiles that are spread over the threads.
enum Elementwise {
    /// y[i] = f(x[i]).
    typealias Map = @convention(c) (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    /// z[i] = f(x[i], y[i]).
    typealias Zip =
        @convention(c) (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    /// Rows of two operands, either of which may be repeated: see `dk_arithmetic.h`.
    typealias Rows =
        @convention(c) (
            UnsafePointer<Float>, Int, Int, UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>, Int, Int, Int
        ) -> Void

    /// Elements in a tile: 128 kB for each operand, some ten microseconds of work.
    static let grain = 1 << 15

    static func run(_ kernel: Map, _ x: Tensor, into y: Tensor) {
        let (source, result) = (x.pointer, y.pointer)
        ThreadPool.shared.forEachRange(x.count, grain: grain) {
            kernel(source + $0.lowerBound, result + $0.lowerBound, $0.count)
        }
    }

    static func run(_ kernel: Zip, _ x: Tensor, _ y: Tensor, into z: Tensor) {
        let (first, second, result) = (x.pointer, y.pointer, z.pointer)
        ThreadPool.shared.forEachRange(x.count, grain: grain) {
            kernel(first + $0.lowerBound, second + $0.lowerBound, result + $0.lowerBound, $0.count)
        }
    }

    /// Operands of one shape.
    static func run(_ kernel: Rows, _ x: Tensor, _ y: Tensor, into z: Tensor) {
        let (first, second, result) = (x.pointer, y.pointer, z.pointer)
        ThreadPool.shared.forEachRange(x.count, grain: grain) {
            let start = $0.lowerBound
            kernel(first + start, 0, 1, second + start, 0, 1, result + start, 0, 1, $0.count)
        }
    }

    /// Values that are converted to floats at a time, in the first-level cache.
    static let chunk = 1 << 11

    /// z = f(operands) for values of any type: `body` gets some of each operand as floats, and where to write the
    /// results, which are then rounded to the type of `z`. `z` may be one of the operands.
    static func runOnFloats(
        _ operands: [Tensor], into z: Tensor,
        _ body: (_ operands: [UnsafePointer<Float>], _ result: UnsafeMutablePointer<Float>, _ count: Int) -> Void
    ) {
        let (sources, result) = (operands.map(\.elements), z.elements)
        ThreadPool.shared.forEachRange(z.count, grain: grain) { range in
            let scratch = Storage(count: (operands.count + 1) * chunk)
            let floats = operands.indices.map { scratch.pointer + $0 * chunk }
            let (readable, written) = (floats.map { UnsafePointer($0) }, scratch.pointer + operands.count * chunk)
            for start in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
                let count = min(chunk, range.upperBound - start)
                for (source, floats) in zip(sources, floats) { source.from(start).load(into: floats, count: count) }
                body(readable, written, count)
                result.from(start).store(written, count: count)
            }
            withExtendedLifetime(scratch) {}
        }
        withExtendedLifetime((operands, z)) {}
    }

    static func run(_ kernel: Rows, _ x: Tensor, _ y: Float, into z: Tensor) {
        let (first, result) = (x.pointer, z.pointer)
        ThreadPool.shared.forEachRange(x.count, grain: grain) { range in
            withUnsafePointer(to: y) {
                kernel(first + range.lowerBound, 0, 1, $0, 0, 0, result + range.lowerBound, 0, 1, range.count)
            }
        }
    }

    static func run(_ kernel: Rows, _ x: Float, _ y: Tensor, into z: Tensor) {
        let (second, result) = (y.pointer, z.pointer)
        ThreadPool.shared.forEachRange(y.count, grain: grain) { range in
            withUnsafePointer(to: x) {
                kernel($0, 0, 0, second + range.lowerBound, 0, 1, result + range.lowerBound, 0, 1, range.count)
            }
        }
    }
}

extension Tensor {
    /// f of every element, without recording.
    func mapped(_ kernel: Elementwise.Map) -> Tensor {
        let result = Tensor(uninitialized: shape)
        Elementwise.run(kernel, self, into: result)
        return result
    }

    /// f of every element, in the type of the values and without recording.
    func activated(_ kernel: Elementwise.Map) -> Tensor {
        guard isNarrow else { return mapped(kernel) }
        let result = Tensor(uninitialized: shape, narrow: true)
        Elementwise.runOnFloats([self], into: result) { kernel($0[0], $1, $2) }
        return result
    }

    /// For backward: f(saved, gradient), in the type of the saved values and in the gradient's memory if it may be
    /// overwritten.
    func combined(_ kernel: Elementwise.Zip, withGradient gradient: Tensor) -> Tensor {
        if isNarrow {
            let result = gradient.overwrittenOrNew(narrow: true)
            Elementwise.runOnFloats([self, gradient], into: result) { kernel($0[0], $0[1], $1, $2) }
            return result
        }
        let result = gradient.overwrittenOrNew()
        Elementwise.run(kernel, self, gradient, into: result)
        return result
    }

    /// e^x of every element, to 2 units in the last place.
    public func exp() -> Tensor {
        let result = mapped(dk_active.pointee.exponential)
        let saved = result.detached()
        return result.recorded("exp", [self], form: .unary("Exp")) { [try $0 * saved] }
    }

    /// The natural logarithm of every element: -infinity at 0, NaN below.
    public func log() -> Tensor {
        mapped(dk_active.pointee.logarithm).recorded("log", [self], form: .unary("Log")) { [self] in [try $0 / self] }
    }

    /// The square root of every element: NaN below 0; its gradient at 0 is infinite.
    public func sqrt() -> Tensor {
        let result = mapped(dk_active.pointee.square_root)
        let saved = result.detached()
        return result.recorded("sqrt", [self], form: .unary("Sqrt")) {
            [saved.combined(dk_active.pointee.square_root_gradient, withGradient: $0)]
        }
    }

    /// The sine of every element, in radians.
    public func sin() -> Tensor {
        mapped(dk_active.pointee.sine).recorded("sin", [self], form: .unary("Sin")) { [self] in [try $0 * cos()] }
    }

    /// The cosine of every element, in radians.
    public func cos() -> Tensor {
        mapped(dk_active.pointee.cosine).recorded("cos", [self], form: .unary("Cos")) { [self] in [try $0 * -sin()] }
    }

    /// The absolute value of every element; its gradient at 0 is 0.
    public func abs() -> Tensor {
        mapped(dk_active.pointee.absolute).recorded("abs", [self], form: .unary("Abs")) { [self] in
            [combined(dk_active.pointee.absolute_gradient, withGradient: $0)]
        }
    }

    /// The square of every element.
    public func squared() -> Tensor {
        let result = Tensor(uninitialized: shape)
        Elementwise.run(dk_active.pointee.multiply, self, self, into: result)
        return result.recorded("squared", [self], form: .elementwise { $0.node("Mul", [$1, $1]) }) { [self] in
            [try $0 * self * 2]
        }
    }

    /// Every element, limited to `low` ... `high`. The gradient flows only where nothing was cut.
    public func clamped(_ low: Float = -.infinity, _ high: Float = .infinity) throws -> Tensor {
        guard low <= high else {
            throw KitError.usage("clamp: the lower bound \(low) is above the upper bound \(high)")
        }
        let result = Tensor(uninitialized: shape)
        let (x, y) = (pointer, result.pointer)
        ThreadPool.shared.forEachRange(count, grain: Elementwise.grain) {
            dk_active.pointee.clamp(x + $0.lowerBound, y + $0.lowerBound, low, high, $0.count)
        }
        return result.recorded(
            "clamp", [self], form: .elementwise { $0.node("Clip", [$1, $0.number(low), $0.number(high)]) }
        ) { [self] gradient in
            let result = gradient.overwrittenOrNew()
            let (x, g, y) = (pointer, gradient.pointer, result.pointer)
            ThreadPool.shared.forEachRange(count, grain: Elementwise.grain) {
                let start = $0.lowerBound
                dk_active.pointee.clamp_gradient(x + start, g + start, y + start, low, high, $0.count)
            }
            return [result]
        }
    }
}
