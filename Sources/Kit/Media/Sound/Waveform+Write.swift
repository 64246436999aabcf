import CSndfile
import Glibc
import KitCore

extension Waveform {
    /// Writes a sound file of the kind that its extension names: .wav (32-bit float, exact) and .flac (24 bits, clipped
    /// at ±1) by libsndfile; .ogg (Vorbis), .opus, .mp3 and .m4a (AAC) by `FilmWriter`.
    ///
    /// The file appears under its name only when it is complete; the same sound gives the same bytes.
    public func write(_ path: String) throws {
        guard let writing = Container.ending(of: path)?.writing, let soundFile = writing.soundFile else {
            throw Container.wrongEnding(path, taken: Container.soundFileEndings)
        }
        if case .sndfile(let format) = soundFile { return try write(path, plain: Int32(format)) }
        var sound = FilmWriter.Sound()
        sound.codec = writing.sound
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
            throw KitError.usage(
                "\(path): such a file cannot contain \(counted(channels, "channel")) at \(sampleRate) Hz")
        }
        let target = try AtomicFile(path)
        var access = SndfileAccess.functions
        guard let file = sf_open_virtual(&access, Int32(SFM_WRITE), &info, Unmanaged.passUnretained(target).toOpaque())
        else { throw SndfileAccess.error(target, sf_strerror(nil)) }
        var isOpen = true
        defer { if isOpen { sf_close(file) } }
        sf_command(file, Int32(SFC_SET_CLIPPING), nil, 1)
        // Turns off a chunk that contains the time of writing.
        sf_command(file, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, 0)
        try write(to: file, target)
        isOpen = false
        // Closing writes a header or the codec's last block, which may fail too.
        let status = sf_close(file)
        guard status == 0 else { throw SndfileAccess.error(target, sf_error_number(status)) }
        try target.commit()
    }

    private func write(to file: OpaquePointer, _ target: AtomicFile) throws {
        let most = 1 << 14
        var block = [Float](repeating: 0, count: most * channels)
        for first in stride(from: 0, to: count, by: most) {
            try Interrupt.check()
            let frames = min(most, count - first)
            for channel in 0..<channels {
                for frame in 0..<frames { block[frame * channels + channel] = values[channel * count + first + frame] }
            }
            guard sf_writef_float(file, block, Int64(frames)) == frames else {
                throw SndfileAccess.error(target, sf_strerror(file))
            }
        }
    }
}

/// The callbacks by which libsndfile uses an `AtomicFile`, which records the failures that the library ignores.
private enum SndfileAccess {
    static let functions = SF_VIRTUAL_IO(
        get_filelen: { Int64(file($0).length) },
        seek: { (try? file($2).seek(Int($0), from: $1)).map(Int64.init) ?? -1 },
        read: { _, _, _ in 0 },
        write: { bytes, count, target in
            let bytes = UnsafeRawBufferPointer(start: bytes, count: Int(count))
            return (try? file(target).write(bytes)) == nil ? 0 : count
        },
        tell: { (try? file($0).seek(0, from: SEEK_CUR)).map(Int64.init) ?? -1 })

    /// Why a file could not be written: the system's error if there is one, else the library's.
    static func error(_ target: AtomicFile, _ reason: UnsafePointer<CChar>?) -> KitError {
        if let code = target.failureCode { return .inputOutput("cannot write \(target.path)", code) }
        return KitError(.inputOutput, "cannot write \(target.path): \(reason.map { String(cString: $0) } ?? "")")
    }

    private static func file(_ target: UnsafeMutableRawPointer?) -> AtomicFile {
        Unmanaged.fromOpaque(target!).takeUnretainedValue()
    }
}
