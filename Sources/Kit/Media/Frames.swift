/// Frames as numbers: `values` is [count, height, width, 3], red, green, blue, 0...255.
public struct Frames: Sendable, Equatable {
    public let count: Int
    public let height: Int
    public let width: Int
    public var values: [UInt8]

    public init(count: Int, height: Int, width: Int) {
        self.count = count
        self.height = height
        self.width = width
        values = [UInt8](repeating: 0, count: count * height * width * 3)
    }
}

/// How frames are fitted to the requested size. Pixels that are not square are taken into account.
public enum FrameFit: Sendable, Equatable {
    /// The whole frame, with both sides scaled independently.
    case scale
    /// The largest part with the requested proportions. `x` and `y` place it if the frame is wider or taller: 0 is left
    /// or top, 0.5 the centre, 1 right or bottom.
    case crop(x: Double = 0.5, y: Double = 0.5)
    /// A rectangle in fractions of the frame's sides, with both sides scaled independently.
    case region(x: Double, y: Double, width: Double, height: Double)

    /// The largest centred part.
    public static var centre: FrameFit { .crop() }
}
