import Foundation
import KitCore
import KitData
import KitMedia

/// Writes images and sounds of clips to the report's folder `media`, each once, and returns their names there.
final class ClipMediaWriter {
    private let folder: String
    private let files: any FileSystem
    private let reader = MediaFilmReader(capacity: 16)
    private var facts: [String: SourceFacts] = [:]
    private var written: [String: String] = [:]

    /// - Parameter folder: the report's folder.
    init(_ folder: String, _ files: any FileSystem) throws {
        (self.folder, self.files) = (folder, files)
        try files.makeFolder("\(folder)/media")
    }

    func facts(_ clip: ClipSource) throws -> SourceFacts {
        if let known = facts[clip.id] { return known }
        let found = try reader.facts(of: clip)
        facts[clip.id] = found
        return found
    }

    /// The languages of a clip, each once, in the order of the file.
    func languages(_ clip: ClipSource) throws -> [Language] {
        try facts(clip).languages.reduce(into: []) { found, language in
            if !found.contains(where: { $0.matches(language) }) { found.append(language) }
        }
    }

    /// A thumbnail from the middle of a clip; nil for a clip without video.
    func thumbnail(_ clip: ClipSource) throws -> String? {
        try images(clip, count: 1, height: 90, quality: 5, kind: "thumbnail").first
    }

    /// Evenly spaced frames of a clip; empty for a clip without video.
    func images(_ clip: ClipSource, count: Int) throws -> [String] {
        try images(clip, count: count, height: 135, quality: 4, kind: "image")
    }

    private func images(
        _ clip: ClipSource, count: Int, height: Int, quality: Int, kind: String
    ) throws -> [String] {
        let facts = try facts(clip)
        guard let size = facts.frameSize, facts.duration > 0 else { return [] }
        let names = (0..<count).map { key(clip, "\(kind) \($0)") }
        if names.allSatisfy({ written[$0] != nil }) { return names.map { written[$0]! } }
        try Interrupt.check()
        let times = (0..<count).map { clip.start + facts.duration * (Double($0) + 0.5) / Double(count) }
        let width = min(4 * height, max(1, height * size.width / max(1, size.height)))
        let frames = try reader.frames(of: clip, at: times, width: width, height: height, fit: .scale)
        let file = ImageFile.jpeg(quality: quality)
        return try names.indices.map { index in
            try keep(names[index], file.fileExtension) {
                try files.replace("\(folder)/\($0)", with: Data(try file.bytes(of: index, frames)))
            }
        }
    }

    /// The sound of a clip in one language, as a file that all browsers play.
    func sound(_ clip: ClipSource, _ language: Language) throws -> String {
        let key = key(clip, "sound \(language.code)")
        return try written[key] ?? keep(key, "mp3") { try waveform(clip, language).write("\(folder)/\($0)") }
    }

    /// The spectrograms of a clip in some languages, on one colour scale, with the labels of their frequency axis.
    func spectrograms(
        _ clip: ClipSource, _ languages: [Language], _ mel: LogMel
    ) throws -> (names: [String], ticks: [(label: String, height: Double)]) {
        let levels = try languages.map { try mel(waveform(clip, $0, sampleRate: mel.settings.sampleRate)) }
        let image = SpectrogramImage(mel, for: levels)
        let names = try zip(languages, levels).map { language, levels in
            try keep(key(clip, "spectrogram \(language.code)"), ImageFile.png.fileExtension) {
                let frames = image.frames(levels, channels: mel.settings.isMono ? 1 : 2)
                try files.replace("\(folder)/\($0)", with: Data(try ImageFile.png.bytes(of: 0, frames)))
            }
        }
        return (names, image.ticks)
    }

    private func waveform(_ clip: ClipSource, _ language: Language, sampleRate: Int = 48_000) throws -> Waveform {
        try Interrupt.check()
        return try reader.audio(
            of: clip, language: language, start: clip.start, duration: try facts(clip).duration,
            sampleRate: sampleRate)
    }

    private func key(_ clip: ClipSource, _ what: String) -> String { "\(clip.id)\u{0}\(what)" }

    /// Files are numbered, because a film's name may not be valid as a file name or URL.
    private func keep(_ key: String, _ ending: String, _ write: (String) throws -> Void) throws -> String {
        let name = "media/\(written.count + 1).\(ending)"
        try write(name)
        written[key] = name
        return name
    }
}
