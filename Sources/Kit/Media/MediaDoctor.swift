import CAV
import CSndfile
import KitCore

/// What the media layer runs on: the libraries' versions, and whether each codec that films need is there.
public enum MediaHealth {
    public static var findings: [HealthFinding] {
        let sndfile = HealthFinding("libsndfile", String(cString: sf_version_string()))
        if let reason = dubkit_open_av() {
            return [HealthFinding("FFmpeg", String(cString: reason), isHealthy: false), sndfile]
        }
        return [HealthFinding("FFmpeg", String(cString: av_version_info())), sndfile, resampler]
            + ["h264", "mpeg4", "vp9", "aac", "opus", "mp3", "vorbis", "flac", "ac3"].map(decoder)
            + ["libx264", "aac", "libopus", "flac"].map(encoder)
    }

    private static func decoder(_ name: String) -> HealthFinding {
        let found = avcodec_find_decoder_by_name(name) != nil
        return HealthFinding("decoder \(name)", found ? "found" : "missing", isHealthy: found)
    }

    private static func encoder(_ name: String) -> HealthFinding {
        let found = avcodec_find_encoder_by_name(name) != nil
        return HealthFinding("encoder \(name)", found ? "found" : "missing", isHealthy: found)
    }

    /// libswresample says whether it was built with soxr only when a context with that engine starts.
    private static var resampler: HealthFinding {
        var context: OpaquePointer?
        var stereo = AVChannelLayout()
        av_channel_layout_default(&stereo, 2)
        var source = stereo
        swr_alloc_set_opts2(
            &context, &stereo, AV_SAMPLE_FMT_FLTP, 48000, &source, AV_SAMPLE_FMT_FLTP, 44100, 0, nil)
        defer { swr_free(&context) }
        av_opt_set_int(UnsafeMutableRawPointer(context), "resampler", Int64(SWR_ENGINE_SOXR.rawValue), 0)
        let starts = swr_init(context) >= 0
        return HealthFinding("resampler soxr", starts ? "found" : "missing", isHealthy: starts)
    }
}
