import Foundation
import Kit
import Synchronization

/// Sounds for augmentations: all in a folder, or one file, read once.
final class SoundLibrary: Sendable {
    /// The part of each sound that is kept: one minute.
    private static let longest = 60.0

    private let sounds: [Waveform]
    /// By sample rate, for the rates that were requested.
    private let resampled = Mutex<[Int: [Int: Waveform]]>([:])

    var count: Int { sounds.count }

    /// Reads every sound file and every film's first track. Throws if there is none or one cannot be read.
    init(_ path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw KitError(.noInput, "there is no file or folder '\(path)'")
        }
        let root = URL(fileURLWithPath: path)
        let files =
            isFolder.boolValue ? try FilmFolder.files(of: root).map { root.appendingPathComponent($0).path } : [path]
        guard !files.isEmpty else { throw KitError(.noInput, "there are no sounds in '\(path)'") }
        sounds = try files.map { file in
            let media = try MediaFile(file)
            guard let track = media.audioTracks.first else { throw KitError(.badData, "'\(file)' has no sound") }
            let length = min(media.duration, Self.longest)
            return try media.readAudio(track: track, start: 0, duration: length, sampleRate: track.sampleRate)
        }
    }

    /// A sound at a sample rate, in stereo.
    func sound(_ index: Int, sampleRate: Int) throws -> Waveform {
        try resampled.withLock { resampled in
            if let known = resampled[sampleRate]?[index] { return known }
            let sound = try sounds[index].resampled(to: sampleRate)
            resampled[sampleRate, default: [:]][index] = sound
            return sound
        }
    }
}
