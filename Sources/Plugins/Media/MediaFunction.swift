import Kit

/// A function for films and sound files: `kit.media.open`, `kit.media.film_writer`...
protocol MediaFunction: Plugin {}

extension MediaFunction {
    static var kind: String { "media" }
    static var reference: String { "FFmpeg's libavformat and libavcodec" }
}
