extension ClipFrames {
    /// Sets the whole pixels of a region to one value, in all frames and colours.
    public func fill(_ region: FrameRegion, with value: Float) {
        for frame in 0..<count {
            for row in Int(region.y)..<Int(region.y + region.height) {
                let first = (frame * height + row) * width + Int(region.x)
                (values + first * 3).update(repeating: value, count: Int(region.width) * 3)
            }
        }
    }
}
