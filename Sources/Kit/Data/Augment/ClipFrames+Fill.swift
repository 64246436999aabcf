extension ClipFrames {
    /// Gives one value to the whole pixels of a region, in all pictures and colours.
    public func fill(_ region: PictureRegion, with value: Float) {
        for picture in 0..<count {
            for row in Int(region.y)..<Int(region.y + region.height) {
                let first = (picture * height + row) * width + Int(region.x)
                (values + first * 3).update(repeating: value, count: Int(region.width) * 3)
            }
        }
    }
}
