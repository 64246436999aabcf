import CAV
import Glibc
import KitCore

/// A container that is being written, under a temporary name beside its own until it is complete. The same input gives the
/// same bytes.
final class MuxedFile {
    let path: String
    let context: UnsafeMutablePointer<AVFormatContext>
    private let temporaryPath: String
    private var isBegun = false
    private var isFinished = false

    /// The container's name in libavformat: "matroska", "mp4".
    var format: String { String(cString: context.pointee.oformat.pointee.name) }
    var isMatroska: Bool { ["matroska", "webm"].contains(format) }

    /// Chooses the container by the path's ending. Writes nothing yet.
    init(_ path: String) throws {
        try AVLibrary.prepare()
        self.path = path
        temporaryPath = "\(path).\(getpid()).tmp"
        guard let format = av_guess_format(nil, path, nil) else {
            throw KitError.usage("\(path): expected a name that ends in .mp4, .mkv, .mov, .webm, .wav, .flac ...")
        }
        var made: UnsafeMutablePointer<AVFormatContext>?
        try AVLibrary.check(
            avformat_alloc_output_context2(&made, format, nil, nil), .internalFault, "\(path): cannot start a file")
        context = made!
        context.pointee.flags |= AVFMT_FLAG_BITEXACT
    }

    deinit {
        if isBegun, !isFinished {
            avio_closep(&context.pointee.pb)
            unlink(temporaryPath)
        }
        avformat_free_context(context)
    }

    /// Makes the file and writes its header, once all streams are there.
    /// - Parameter rates: of the sound tracks.
    func begin(sampleRates rates: [Int]) throws {
        if ["mp4", "mov", "ipod"].contains(format) { setMovieClock(rates) }
        try AVLibrary.check(
            avio_open(&context.pointee.pb, "file:" + temporaryPath, AVIO_FLAG_WRITE), .inputOutput,
            "\(temporaryPath): cannot be made")
        isBegun = true
        try AVLibrary.check(
            avformat_write_header(context, nil), .usage, "\(path): this container cannot hold these tracks")
    }

    /// Completes the file and gives it its name.
    func finish() throws {
        precondition(!isFinished, "a file is finished once")
        try AVLibrary.check(av_write_trailer(context), .inputOutput, "\(path): cannot be completed")
        try AVLibrary.check(avio_closep(&context.pointee.pb), .inputOutput, "\(path): cannot be completed")
        isFinished = true
        let descriptor = open(temporaryPath, O_RDONLY | O_CLOEXEC)
        let isSynced = descriptor >= 0 && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isSynced, rename(temporaryPath, path) == 0 else {
            let reason = isSynced ? errno : code
            unlink(temporaryPath)
            throw KitError.inputOutput("\(path): cannot be put in place", reason)
        }
    }

    /// The clock in which an mp4 counts the delays of its tracks: one that all sample rates divide, not milliseconds.
    private func setMovieClock(_ rates: [Int]) {
        let common = rates.reduce(1) { $0 / greatestCommonDivisor($0, $1) * $1 }
        let clock = common <= 1 << 24 ? common : rates.max()!
        av_opt_set_int(context.pointee.priv_data, "movie_timescale", Int64(max(1000, clock)), 0)
    }
}
