import Glibc
import KitCore

/// How loud a sound is, by EBU R 128.
public struct Loudness: Sendable, Equatable {
    /// Integrated loudness in LUFS (ITU-R BS.1770-4); nil if no part is above the gate of -70 LUFS.
    public var integrated: Double?
    /// The highest peak of the sound between its samples too, in dBTP; nil for silence.
    public var truePeak: Double?
}

extension Waveform {
    /// The loudness, as libavfilter's `ebur128` measures it. Sound of less than 3 s is repeated, since few of the
    /// measurements, of 0.4 s each, lie inside it.
    public func loudness() throws -> Loudness {
        guard count > 0, values.contains(where: { $0 != 0 }) else { return Loudness() }
        let meter = try AudioFilter("ebur128=metadata=1:peak=true", sampleRate: sampleRate, channels: channels)
        let repeats = max(1, (3 * sampleRate + count - 1) / count)
        _ = try meter.filter(Waveform(joining: Array(repeating: self, count: repeats)))
        let integrated = meter.integratedLoudness
        // The meter tells what it knows every 0.1 s: make it tell of the last samples, which may be the highest.
        _ = try meter.filter(Waveform(channels: channels, count: sampleRate / 5, sampleRate: sampleRate))
        _ = try meter.finish()
        // As factors of full scale.
        let peaks = (0..<channels).compactMap { meter.metadata["lavfi.r128.true_peaks_ch\($0)"].flatMap(Double.init) }
        return Loudness(
            integrated: integrated,
            truePeak: peaks.max().flatMap { $0 > 0 ? 20 * log10($0) : nil })
    }
}

extension AudioFilter {
    /// The integrated loudness so far, in LUFS, behind the filter "ebur128=metadata=1"; nil if no part is above the gate.
    var integratedLoudness: Double? { metadata["lavfi.r128.I"].flatMap(Double.init).flatMap { $0 > -70 ? $0 : nil } }
}
