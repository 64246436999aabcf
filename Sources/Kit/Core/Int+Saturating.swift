extension Int {
    /// Truncates a number. One that is out of range becomes the nearest `Int`, and NaN becomes 0.
    ///
    /// Use it for numbers from users, files and recipes: `Int(_:)` crashes on those that do not fit.
    public init(saturating value: Double) {
        // 2^63 itself is too large; the next smaller Double fits.
        self = value.isNaN ? 0 : value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int(value)
    }
}
