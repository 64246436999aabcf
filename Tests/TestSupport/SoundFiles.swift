import Foundation
import Kit

/// Small sound files for tests that read datasets from the disk.
public enum SoundFiles {
    /// Writes a tone as 16-bit stereo WAV, making the folders above it.
    public static func write(
        _ path: String, seconds: Double = 1, pitch: Double = 440, amplitude: Double = 0.4, sampleRate: Int = 16000
    ) throws {
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        var sound = FilmWriter.Sound()
        (sound.codec, sound.sampleRate) = (.pcm16, sampleRate)
        let writer = try FilmWriter(path, video: nil, sounds: [sound])
        var waveform = Waveform(channels: 2, count: Int(seconds * Double(sampleRate)), sampleRate: sampleRate)
        for index in waveform.values.indices {
            let time = Double(index % waveform.count) / Double(sampleRate)
            waveform.values[index] = Float(amplitude * sin(2 * .pi * pitch * time))
        }
        try writer.write(sound: waveform, track: 0)
        try writer.finish()
    }

    /// Writes a text file, making the folders above it.
    public static func write(_ path: String, text: String) throws {
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
