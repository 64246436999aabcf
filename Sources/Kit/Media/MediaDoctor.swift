import CAV
import CSndfile
import KitCore

/// The lines of `dubkit doctor` about media: the versions of the libraries, and whether each codec that films need is
/// available.
public enum MediaDoctor {
    public static var findings: [DoctorFinding] {
        let sndfile = DoctorFinding("libsndfile", String(cString: sf_version_string()))
        if let reason = dubkit_open_av() {
            return [DoctorFinding("FFmpeg", String(cString: reason), isHealthy: false), sndfile]
        }
        return [DoctorFinding("FFmpeg", String(cString: av_version_info())), sndfile, resampler, containers]
            + ["h264", "mpeg4", "vp9", "aac", "opus", "mp3", "vorbis", "flac", "ac3"].map(decoder)
            + ["libx264", "aac", "libopus", "flac"].map(encoder)
    }

    private static var containers: DoctorFinding {
        let missing = Container.all.filter { $0.demuxers.allSatisfy { av_find_input_format($0) == nil } }
        let names = missing.map(\.name).joined(separator: "; ")
        return DoctorFinding(
            "containers", missing.isEmpty ? "all found" : "missing: \(names)", isHealthy: missing.isEmpty)
    }

    private static func decoder(_ name: String) -> DoctorFinding {
        let found = avcodec_find_decoder_by_name(name) != nil
        return DoctorFinding("decoder \(name)", found ? "found" : "missing", isHealthy: found)
    }

    private static func encoder(_ name: String) -> DoctorFinding {
        let found = avcodec_find_encoder_by_name(name) != nil
        return DoctorFinding("encoder \(name)", found ? "found" : "missing", isHealthy: found)
    }

    /// Only starting a context with soxr shows whether libswresample was built with it.
    private static var resampler: DoctorFinding {
        var context: OpaquePointer?
        var stereo = AVChannelLayout()
        av_channel_layout_default(&stereo, 2)
        var source = stereo
        swr_alloc_set_opts2(
            &context, &stereo, AV_SAMPLE_FMT_FLTP, 48000, &source, AV_SAMPLE_FMT_FLTP, 44100, 0, nil)
        defer { swr_free(&context) }
        av_opt_set_int(UnsafeMutableRawPointer(context), "resampler", Int64(SWR_ENGINE_SOXR.rawValue), 0)
        let starts = swr_init(context) >= 0
        return DoctorFinding("resampler soxr", starts ? "found" : "missing", isHealthy: starts)
    }
}
