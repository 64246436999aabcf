import CAV
import Glibc
import KitCore

/// A container that is being written, under a temporary name next to its own until it is complete. The same input gives
/// the same bytes.
final class MuxedFile {
    let path: String
    let context: UnsafeMutablePointer<AVFormatContext>
    /// Nil before `begin`.
    private var file: AtomicFile?

    let container: Container

    /// Chooses the container by the path's extension. Writes nothing yet.
    init(_ path: String) throws {
        try AVLibrary.prepare()
        self.path = path
        container = try Container.written(to: path).container
        // This also recognises an extension in capitals.
        guard let format = av_guess_format(nil, path, nil) else {
            throw KitError(.configuration, "\(path): this build of FFmpeg does not write such files")
        }
        var made: UnsafeMutablePointer<AVFormatContext>?
        try AVLibrary.check(
            avformat_alloc_output_context2(&made, format, nil, nil), .internalFault, "\(path): cannot start a file")
        context = made!
        context.pointee.flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO
        // Some versions of libavformat call FLAC and others in mp4 experimental.
        context.pointee.strict_std_compliance = FF_COMPLIANCE_EXPERIMENTAL
    }

    deinit {
        if let output = context.pointee.pb {
            av_free(output.pointee.buffer)
            avio_context_free(&context.pointee.pb)
        }
        avformat_free_context(context)
    }

    /// Creates the file and writes its header, after all streams were added.
    ///
    /// - Parameters:
    ///   - rates: the sample rates of the sound tracks.
    ///   - isTrial: whether no file is created: only whether the container takes the tracks is found out.
    func begin(sampleRates rates: [Int], isTrial: Bool = false) throws {
        if container.layout == .quickTime { setMovieClock(rates) }
        // Blu-ray's form of transport streams is chosen by the extension alone, which libav would look for in the
        // temporary name.
        if path.lowercased().hasSuffix(".m2ts") { av_opt_set_int(context.pointee.priv_data, "mpegts_m2ts_mode", 1, 0) }
        file = isTrial ? nil : try AtomicFile(path)
        context.pointee.pb = try Self.output(to: file, path)
        try check(avformat_write_header(context, nil), .usage, "this container cannot contain these tracks")
    }

    /// Completes the file and renames it to its name.
    /// - Parameter verify: checks the written file under the temporary name that it is given. If it throws, nothing
    ///   appears.
    func finish(verify: (String) throws -> Void = { _ in }) throws {
        guard let file else { preconditionFailure("a file is begun before it is finished") }
        try check(av_write_trailer(context), .inputOutput, "cannot be completed")
        avio_flush(context.pointee.pb)
        if let code = file.failureCode { throw KitError.inputOutput("cannot write \(path)", code) }
        try verify(file.draftPath)
        try file.commit()
    }

    /// Throws if `status` is an error: the file's own error if there is one.
    func check(_ status: Int32, _ kind: KitError.Kind, _ what: String) throws {
        if status < 0, let code = file?.failureCode { throw KitError.inputOutput("cannot write \(path)", code) }
        try AVLibrary.check(status, kind, "\(path): \(what)")
    }

    /// The output of libav. Its errors are the file's `errno`. Without a file, what is written is lost.
    private static func output(to file: AtomicFile?, _ path: String) throws -> UnsafeMutablePointer<AVIOContext> {
        let room = 1 << 16
        let buffer = av_malloc(room)?.assumingMemoryBound(to: UInt8.self)
        let output = avio_alloc_context(
            buffer, Int32(room), 1, file.map { Unmanaged.passUnretained($0).toOpaque() }, nil,
            { opaque, bytes, count in
                guard let opaque else { return count }
                let file: AtomicFile = Unmanaged.fromOpaque(opaque).takeUnretainedValue()
                let bytes = UnsafeRawBufferPointer(start: bytes, count: Int(count))
                return (try? file.write(bytes)) == nil ? -(file.failureCode ?? EIO) : count
            },
            { opaque, offset, whence in
                guard let opaque else { return whence & AVSEEK_SIZE != 0 ? 0 : offset }
                let file: AtomicFile = Unmanaged.fromOpaque(opaque).takeUnretainedValue()
                if whence & AVSEEK_SIZE != 0 { return Int64(file.length) }
                return (try? file.seek(Int(offset), from: whence & ~AVSEEK_FORCE)).map(Int64.init)
                    ?? -Int64(file.failureCode ?? EIO)
            })
        guard let output else {
            av_free(buffer)
            throw KitError(.internalFault, "\(path): no memory to write")
        }
        return output
    }

    /// The clock of an mp4 for the delays of its tracks: a multiple of all sample rates instead of milliseconds.
    private func setMovieClock(_ rates: [Int]) {
        let common = rates.reduce(1) { $0 / greatestCommonDivisor($0, $1) * $1 }
        let clock = common <= 1 << 24 ? common : rates.max()!
        av_opt_set_int(context.pointee.priv_data, "movie_timescale", Int64(max(1000, clock)), 0)
    }
}
