import CAV
import KitCore

/// What a container says of its streams, judged and brought to one time line.
struct StreamLayout {
    let video: VideoTrack?
    let audio: [AudioTrack]
    /// Seconds on the container's clock of the film's zero.
    let zero: Double
    let duration: Double

    init(_ demuxer: Demuxer) throws {
        let name = demuxer.name
        var pictures: [UnsafeMutablePointer<AVStream>] = []
        var sounds: [UnsafeMutablePointer<AVStream>] = []
        for stream in demuxer.streams {
            let parameters = stream.pointee.codecpar.pointee
            switch parameters.codec_type {
            case AVMEDIA_TYPE_VIDEO where stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0:
                pictures.append(stream)
            case AVMEDIA_TYPE_AUDIO: sounds.append(stream)
            default: break
            }
        }
        guard let first = pictures.first ?? sounds.first else {
            throw KitError(.badData, "\(name): has neither picture nor sound")
        }
        for stream in pictures.prefix(1) { try Self.checkPicture(stream, name) }
        for stream in sounds { try Self.checkSound(stream, name) }
        let container = demuxer.context.pointee
        let containerStart = container.start_time == AVLibrary.noTimestamp ? 0 : Double(container.start_time) / 1e6
        let end = try Self.containerEnd(demuxer)
        let zero =
            pictures.isEmpty
            ? try Self.firstSample(demuxer, sounds) ?? containerStart : Self.start(first) ?? containerStart
        self.zero = zero
        video = pictures.first.map { Self.videoTrack($0, zero: zero, containerEnd: end) }
        audio = sounds.map { Self.audioTrack($0, zero: zero) }
        duration =
            video?.duration ?? zip(sounds, audio).map { $1.start + ($1.duration ?? end - zero - $1.start) }.max() ?? 0
        guard duration.isFinite, duration > 0 else {
            throw KitError(.badData, "\(name): has no content: its length is 0")
        }
        guard duration < AVLibrary.Limit.seconds else {
            throw KitError(.badData, "\(name): declares a length of \(seconds(duration)); at most a week is read")
        }
    }

    private static func checkPicture(_ stream: UnsafeMutablePointer<AVStream>, _ name: String) throws {
        let parameters = stream.pointee.codecpar.pointee
        let (width, height) = (Int64(parameters.width), Int64(parameters.height))
        guard width > 0, height > 0, width <= AVLibrary.Limit.pixels / height else {
            throw KitError(
                .badData, "\(name): a picture of \(width) x \(height); expected 1...\(AVLibrary.Limit.pixels) pixels")
        }
        guard stream.pointee.time_base.value > 0 else { throw KitError(.badData, "\(name): its picture has no clock") }
    }

    private static func checkSound(_ stream: UnsafeMutablePointer<AVStream>, _ name: String) throws {
        let parameters = stream.pointee.codecpar.pointee
        let place = "\(name): stream #\(stream.pointee.index)"
        let channels = Int(parameters.ch_layout.nb_channels)
        guard (1...AVLibrary.Limit.channels).contains(channels) else {
            throw KitError(.badData, "\(place): \(channels) channels; expected 1...\(AVLibrary.Limit.channels)")
        }
        guard AVLibrary.Limit.sampleRates.contains(Int(parameters.sample_rate)) else {
            throw KitError(
                .badData,
                "\(place): \(parameters.sample_rate) samples a second; expected \(AVLibrary.Limit.sampleRates.lowerBound)"
                    + "...\(AVLibrary.Limit.sampleRates.upperBound)")
        }
        guard stream.pointee.time_base.value > 0 else { throw KitError(.badData, "\(place) has no clock") }
    }

    /// Seconds on the container's clock of the earliest sample that is played. What headers say includes priming in some
    /// containers (Matroska), so the first packets are decoded.
    private static func firstSample(_ demuxer: Demuxer, _ sounds: [UnsafeMutablePointer<AVStream>]) throws -> Double? {
        try sounds.compactMap { stream in
            do {
                return try SampleClock(demuxer, track: audioTrack(stream, zero: 0), zero: 0).origin
            } catch let error as KitError where error.kind == .badData {
                return start(stream)
            }
        }.min()
    }

    private static func start(_ stream: UnsafeMutablePointer<AVStream>) -> Double? {
        let ticks = stream.pointee.start_time
        return ticks == AVLibrary.noTimestamp ? nil : Double(ticks) * stream.pointee.time_base.value
    }

    /// Seconds from the stream's first to its end, as its header or its statistics tag say.
    private static func length(_ stream: UnsafeMutablePointer<AVStream>) -> Double? {
        let ticks = stream.pointee.duration
        if ticks != AVLibrary.noTimestamp, ticks > 0 { return Double(ticks) * stream.pointee.time_base.value }
        // Matroska has no lengths of tracks; its writers leave the end of each as a tag "HH:MM:SS.fff".
        guard let tag = tag("DURATION", stream) else { return nil }
        let parts = tag.split(separator: ":").compactMap { Double($0) }
        guard parts.count == 3 else { return nil }
        let end = parts[0] * 3600 + parts[1] * 60 + parts[2]
        return end > 0 ? end - (start(stream) ?? 0) : nil
    }

    /// The end of the last stream on the container's clock. Where the header does not say (or libav had to guess from the
    /// bit rate), every packet's time is read once.
    private static func containerEnd(_ demuxer: Demuxer) throws -> Double {
        let container = demuxer.context.pointee
        let start = container.start_time == AVLibrary.noTimestamp ? 0 : Double(container.start_time) / 1e6
        if container.duration > 0, container.duration_estimation_method != AVFMT_DURATION_FROM_BITRATE {
            return start + Double(container.duration) / 1e6
        }
        var end = 0.0
        try demuxer.rewind()
        while let packet = try demuxer.read() {
            let stream = demuxer.context.pointee.streams[Int(packet.pointee.stream_index)]!
            let time = packet.pointee.pts == AVLibrary.noTimestamp ? packet.pointee.dts : packet.pointee.pts
            guard time != AVLibrary.noTimestamp else { continue }
            end = max(end, Double(time + max(0, packet.pointee.duration)) * stream.pointee.time_base.value)
        }
        for stream in demuxer.streams { stream.pointee.duration = AVLibrary.noTimestamp }
        return end
    }

    private static func videoTrack(
        _ stream: UnsafeMutablePointer<AVStream>, zero: Double, containerEnd: Double
    ) -> VideoTrack {
        let parameters = stream.pointee.codecpar.pointee
        let turns = quarterTurns(stream)
        let isSideways = turns % 2 == 1
        let aspect = parameters.sample_aspect_ratio.num > 0 ? parameters.sample_aspect_ratio.value : 1
        let rate = [stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate].map(\.value).first { $0 > 0 } ?? 0
        return VideoTrack(
            index: Int(stream.pointee.index), codec: String(cString: avcodec_get_name(parameters.codec_id)),
            width: Int(isSideways ? parameters.height : parameters.width),
            height: Int(isSideways ? parameters.width : parameters.height), quarterTurns: turns,
            pixelAspect: isSideways ? 1 / aspect : aspect, frameRate: rate, start: zero,
            duration: length(stream) ?? containerEnd - zero,
            frameCount: stream.pointee.nb_frames > 0 ? Int(stream.pointee.nb_frames) : nil)
    }

    private static func audioTrack(_ stream: UnsafeMutablePointer<AVStream>, zero: Double) -> AudioTrack {
        var parameters = stream.pointee.codecpar.pointee
        var layout = [CChar](repeating: 0, count: 64)
        if parameters.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
            var usual = AVChannelLayout()
            av_channel_layout_default(&usual, parameters.ch_layout.nb_channels)
            av_channel_layout_describe(&usual, &layout, layout.count)
        } else {
            av_channel_layout_describe(&parameters.ch_layout, &layout, layout.count)
        }
        let tag = tag("language", stream)
        let supplementary =
            AV_DISPOSITION_COMMENT | AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_VISUAL_IMPAIRED
        return AudioTrack(
            index: Int(stream.pointee.index), language: Language(tag: tag), languageTag: tag,
            codec: String(cString: avcodec_get_name(parameters.codec_id)),
            channels: Int(parameters.ch_layout.nb_channels), layout: String(cString: layout),
            sampleRate: Int(parameters.sample_rate), start: (start(stream) ?? zero) - zero, duration: length(stream),
            title: Self.tag("title", stream), isSupplementary: stream.pointee.disposition & supplementary != 0)
    }

    private static func tag(_ name: String, _ stream: UnsafeMutablePointer<AVStream>) -> String? {
        av_dict_get(stream.pointee.metadata, name, nil, 0).map { String(cString: $0.pointee.value) }
    }

    /// Clockwise quarter turns from the display matrix, which says how the stored picture is to be shown.
    private static func quarterTurns(_ stream: UnsafeMutablePointer<AVStream>) -> Int {
        guard let data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, nil) else { return 0 }
        let angle = data.withMemoryRebound(to: Int32.self, capacity: 9) { av_display_rotation_get($0) }
        guard angle.isFinite else { return 0 }
        return ((Int((-angle / 90).rounded()) % 4) + 4) % 4
    }
}
