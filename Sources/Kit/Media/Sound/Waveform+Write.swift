import CSndfile
import Glibc
import KitCore

extension Waveform {
    /// Writes a sound file, of a kind that its ending names: .wav (32-bit float, exact) and .flac (24 bits, clipped at ±1) by
    /// libsndfile; .ogg (Vorbis), .opus, .mp3 and .m4a (AAC) as `FilmWriter` does.
    ///
    /// The file appears under its name only when it is complete; the same sound gives the same bytes.
    public func write(_ path: String) throws {
        let plain = ["wav": SF_FORMAT_WAV | SF_FORMAT_FLOAT, "flac": SF_FORMAT_FLAC | SF_FORMAT_PCM_24]
        let coded = ["ogg": AudioCodec.vorbis, "opus": .opus, "mp3": .mp3, "m4a": .aac]
        let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if let format = plain[ending] { return try write(path, plain: Int32(format)) }
        guard let codec = coded[ending] else {
            let endings = (Array(plain.keys) + coded.keys).sorted().map { "." + $0 }
            throw KitError.usage("\(path): expected a name that ends in \(endings.joined(separator: ", "))")
        }
        var sound = FilmWriter.Sound()
        sound.codec = codec
        sound.sampleRate = sampleRate
        sound.channels = channels
        let writer = try FilmWriter(path, sounds: [sound])
        try writer.write(sound: self)
        try writer.finish()
    }

    private func write(_ path: String, plain format: Int32) throws {
        var info = SF_INFO()
        (info.samplerate, info.channels, info.format) = (Int32(clamping: sampleRate), Int32(clamping: channels), format)
        guard sf_format_check(&info) != 0 else {
            throw KitError.usage("\(path): such a file cannot hold \(channels) channels at \(sampleRate) Hz")
        }
        let temporary = "\(path).\(getpid()).tmp"
        guard let file = sf_open(temporary, Int32(SFM_WRITE), &info) else {
            throw KitError(.inputOutput, "\(path): cannot be made: \(String(cString: sf_strerror(nil)))")
        }
        do {
            defer { sf_close(file) }
            sf_command(file, Int32(SFC_SET_CLIPPING), nil, 1)
            // A chunk with the time of writing in it.
            sf_command(file, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, 0)
            try write(to: file, path)
            sf_write_sync(file)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw KitError.inputOutput("\(path): cannot be put in place", code)
        }
        try AtomicFile.syncFolder(of: path)
    }

    private func write(to file: OpaquePointer, _ path: String) throws {
        let most = 1 << 14
        var block = [Float](repeating: 0, count: most * channels)
        for first in stride(from: 0, to: count, by: most) {
            try Interrupt.check()
            let frames = min(most, count - first)
            for channel in 0..<channels {
                for frame in 0..<frames { block[frame * channels + channel] = values[channel * count + first + frame] }
            }
            guard sf_writef_float(file, block, Int64(frames)) == frames else {
                throw KitError(.inputOutput, "\(path): cannot be written: \(String(cString: sf_strerror(file)))")
            }
        }
    }
}
