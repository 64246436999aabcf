import CAV
import KitCore

extension MediaFile {
    /// Reads `count` frames uniformly spaced over [start, start + duration): those shown at start + i · duration /
    /// count.
    ///
    /// Exact to the frame: each is the one that a player shows at that time, found by presentation time stamps, also
    /// with a varying frame rate, reordered frames and start offsets. Returns [count, height, width, 3].
    ///
    /// Throws `.badData` if the clip ends after the film (the message names both lengths) or the video is damaged or
    /// missing there.
    public func readFrames(
        start: Double, duration: Double, count: Int, width: Int, height: Int, fit: FrameFit = .centre
    ) throws -> Frames {
        try checkSize(count: count, width: width, height: height, fit: fit)
        try checkRange(start: start, duration: duration)
        try MachineMemory.require(
            3 * count * height * width, for: "a clip of \(counted(count, "frame")) of \(width) x \(height)")
        var frames = Frames(count: count, height: height, width: width)
        try frames.values.withUnsafeMutableBufferPointer { buffer in
            try readFrames(
                start: start, duration: duration, count: count, width: width, height: height, fit: fit,
                into: buffer.baseAddress!)
        }
        return frames
    }

    /// The same into memory for count · height · width · 3 bytes.
    public func readFrames(
        start: Double, duration: Double, count: Int, width: Int, height: Int, fit: FrameFit = .centre,
        into target: UnsafeMutablePointer<UInt8>
    ) throws {
        try checkSize(count: count, width: width, height: height, fit: fit)
        _ = try requireVideo()
        try checkRange(start: start, duration: duration)
        let times = (0..<count).map { start + duration * Double($0) / Double(count) }
        try readFrames(at: times, width: width, height: height, fit: fit, into: target)
    }

    /// Reads the frames shown at the given times (seconds, in any order) into memory for times.count · height · width ·
    /// 3 bytes, in the order of `times`.
    public func readFrames(
        at times: [Double], width: Int, height: Int, fit: FrameFit = .centre, into target: UnsafeMutablePointer<UInt8>
    ) throws {
        try checkSize(count: times.count, width: width, height: height, fit: fit)
        let track = try requireVideo()
        for time in times where !(time >= 0 && time < duration + 0.002) {
            throw KitError(.badData, "\(name): no frame at \(seconds(time)): the film lasts \(seconds(duration))")
        }
        let reader = try videoReader ?? VideoReader(self)
        videoReader = reader
        let scaler = FrameScaler(
            width: width, height: height, fit: fit, orientation: track.orientation, pixelAspect: track.pixelAspect)
        try reader.read(at: times) { slot, frame in
            try scaler.scale(frame, into: target + slot * height * width * 3, of: name)
        }
    }

    private func checkSize(count: Int, width: Int, height: Int, fit: FrameFit) throws {
        guard (1...100_000).contains(count), (1...8192).contains(width), (1...8192).contains(height) else {
            throw KitError.usage(
                "\(counted(count, "frame")) of \(width) x \(height): expected 1...100000 frames with sides of 1...8192 pixels"
            )
        }
        let fractions: [Double] =
            switch fit {
            case .scale: []
            case .crop(let x, let y): [x, y]
            case .region(let x, let y, let width, let height): [x, y, x + width, y + height, width, height]
            }
        guard fractions.allSatisfy({ (-1e-9...1 + 1e-9).contains($0) }) else {
            throw KitError.usage("a part of the frame at \(fit): expected fractions of its sides in 0...1")
        }
    }
}
