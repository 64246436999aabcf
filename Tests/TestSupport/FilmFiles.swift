import Foundation
import Kit

/// Small films in real files, for the tests of what opens them.
public enum FilmFiles {
    /// Writes frames that brighten with time (64x48, 12 per second) and one tone per language.
    public static func write(
        _ path: String, seconds: Double, languages: [String] = [], pitch: Double = 220, hasVideo: Bool = true,
        amplitude: Double = 0.4
    ) throws {
        var picture = FilmWriter.VideoFormat(width: 64, height: 48)
        (picture.frameRate, picture.keyInterval, picture.preset) = (12, 12, "ultrafast")
        let codec: AudioCodec = path.hasSuffix("flac") ? .flac : path.hasSuffix("wav") ? .pcm16 : .aac
        let sounds = languages.map { language in
            var sound = FilmWriter.Sound()
            (sound.language, sound.codec) = (Language(tag: language), codec)
            return sound
        }
        let writer = try FilmWriter(path, video: hasVideo ? picture : nil, sounds: sounds)
        if hasVideo {
            var frames = Frames(count: Int(seconds * 12), height: 48, width: 64)
            for index in frames.values.indices {
                let time = Double(index / (48 * 64 * 3)) / 12
                frames.values[index] = UInt8(40 + 160 * time / seconds + Double(index % 3) * 10)
            }
            try writer.write(frames: frames)
        }
        for track in languages.indices {
            var sound = Waveform(channels: 2, count: Int(seconds * 48000), sampleRate: 48000)
            for index in sound.values.indices {
                let time = Double(index % sound.count) / 48000
                sound.values[index] = Float(amplitude * sin(2 * .pi * pitch * Double(track + 1) * time))
            }
            try writer.write(sound: sound, track: track)
        }
        try writer.finish()
    }

    /// Cuts a file down to a part of its bytes.
    public static func truncate(_ path: String, to part: Double) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        try handle.truncate(atOffset: UInt64(Double(try handle.seekToEnd()) * part))
    }
}
