import CAV
import KitCore

extension MediaFile {
    /// How much softer a sound track of more than two channels is when it is mixed to stereo (see `StereoMixer`), in dB:
    /// the difference between its integrated loudness in its own channels and in stereo (EBU R 128).
    ///
    /// Nil for one or two channels, for more than eight, and where nothing is above the gate of -70 LUFS. If the layout
    /// of the channels changes, the frames with the first layout count. Memory does not grow with the length.
    public func mixingLoss(of track: AudioTrack) throws -> Double? {
        guard (3...8).contains(track.channels) else { return nil }
        // Opened again, so that readers of this file stay where they are.
        let demuxer = try Demuxer(path: path)
        demuxer.select([track.index])
        let decoder = try Decoder(demuxer.streams[track.index], of: name)
        let place = "\(name): \(track.summary)"
        var meters: (own: AudioFilter, stereo: AudioFilter, mixer: StereoMixer)?
        var first = AVChannelLayout()
        defer { av_channel_layout_uninit(&first) }
        func take(_ frame: UnsafeMutablePointer<AVFrame>) throws -> Bool {
            let (count, rate) = (Int(frame.pointee.nb_samples), Int(frame.pointee.sample_rate))
            if meters == nil {
                av_channel_layout_copy(&first, &frame.pointee.ch_layout)
                let measure = "ebur128=metadata=1"
                meters = (
                    try AudioFilter(measure, like: frame), try AudioFilter(measure, sampleRate: rate, channels: 2),
                    StereoMixer(rate: rate, of: place)
                )
            }
            guard let meters, av_channel_layout_compare(&first, &frame.pointee.ch_layout) == 0 else { return true }
            var mixed = Waveform(channels: 2, count: count, sampleRate: rate)
            try mixed.values.withUnsafeMutableBufferPointer {
                try meters.mixer.mix(frame, left: $0.baseAddress!, right: $0.baseAddress! + count)
            }
            _ = try meters.stereo.filter(mixed)
            _ = try meters.own.filter(frame)
            return true
        }
        while let packet = try demuxer.read() {
            guard Int(packet.pointee.stream_index) == track.index else { continue }
            _ = try decoder.decode(packet, take)
        }
        _ = try decoder.decode(nil, take)
        guard let meters else { return nil }
        let levels = try [meters.own, meters.stereo].map { meter -> Double? in
            _ = try meter.finish()
            return meter.integratedLoudness
        }
        guard let own = levels[0], let stereo = levels[1] else { return nil }
        return own - stereo
    }
}
