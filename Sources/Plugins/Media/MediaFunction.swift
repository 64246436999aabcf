import Kit

/// A function for films and sound files: `kit.media.open`, `kit.media.film_writer`...
protocol MediaFunction: Plugin {}

extension MediaFunction {
    static var kind: String { "media" }
    static var reference: String { "FFmpeg's libavformat and libavcodec" }

    /// Calls `body` with the sound in option `samples`, [samples, channels].
    ///
    /// Throws for other shapes, no samples, and values that are not finite.
    func ofSound<Result>(_ samples: Tensor, _ sampleRate: Int, _ body: (Waveform) throws -> Result) throws -> Result {
        guard samples.shape.rank == 2, samples.count > 0 else {
            throw KitError.usage("option 'samples' must be [samples, channels], but its shape is \(samples.shape)")
        }
        guard samples.nonFiniteCount == 0 else {
            throw KitError.usage("option 'samples' contains values that are not finite")
        }
        return try body(Waveform(samples, sampleRate: sampleRate))
    }
}
