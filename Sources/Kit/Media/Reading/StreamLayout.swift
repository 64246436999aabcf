import CAV
import KitCore

/// The streams of a container, checked and placed on one time line.
struct StreamLayout {
    let video: VideoTrack?
    let audio: [AudioTrack]
    /// The start of the film's time line, in seconds on the container's clock.
    let zero: Double
    let duration: Double

    init(_ demuxer: Demuxer) throws {
        let name = demuxer.name
        let sounds = demuxer.streams.filter { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO }
        let videoStream = try VideoStreams.film(of: demuxer)
        guard videoStream != nil || !sounds.isEmpty else {
            throw KitError(.badData, "\(name): has neither video nor sound")
        }
        if let videoStream { try Self.checkVideo(videoStream, name) }
        for stream in sounds { try Self.checkSound(stream, name) }
        let end = try Self.containerEnd(demuxer)
        let languages = TrackLanguages(demuxer)
        let zero =
            if let videoStream { try FirstFrame.time(demuxer, videoStream) ?? demuxer.start } else {
                try Self.firstSample(demuxer, sounds, languages) ?? demuxer.start
            }
        self.zero = zero
        video = videoStream.map { Self.videoTrack($0, demuxer, zero: zero, containerEnd: end) }
        audio = sounds.map { Self.audioTrack($0, demuxer, languages, zero: zero) }
        let heard = audio.map { $0.start + ($0.duration ?? end - zero - $0.start) }.max() ?? 0
        duration = video.map { heard > $0.duration + Self.longestOverhang ? heard : $0.duration } ?? heard
        guard duration.isFinite, duration > 0 else {
            throw KitError(.badData, "\(name): has no content: its length is 0")
        }
        guard duration < AVLibrary.Limit.seconds else {
            throw KitError(.badData, "\(name): declares a length of \(seconds(duration)); at most a week is read")
        }
    }

    /// Allowed pixel aspect ratios, width divided by height. Others are damage, and pixels then count as square.
    private static let pixelAspects = 1.0 / 16...16

    /// Seconds that sound may continue after the last frame without being part of the film, since encoders pad the last
    /// frame. If it continues longer, the last frame is held, as in players.
    private static let longestOverhang = 0.5

    private static func checkVideo(_ stream: UnsafeMutablePointer<AVStream>, _ name: String) throws {
        let parameters = stream.pointee.codecpar.pointee
        let (width, height) = (Int64(parameters.width), Int64(parameters.height))
        guard width > 0, height > 0, width <= AVLibrary.Limit.pixels / height else {
            throw KitError(
                .badData, "\(name): a frame of \(width) x \(height); expected 1...\(AVLibrary.Limit.pixels) pixels")
        }
        guard stream.pointee.time_base.value > 0 else { throw KitError(.badData, "\(name): its video has no clock") }
    }

    private static func checkSound(_ stream: UnsafeMutablePointer<AVStream>, _ name: String) throws {
        let parameters = stream.pointee.codecpar.pointee
        let place = "\(name): stream #\(stream.pointee.index)"
        let channels = Int(parameters.ch_layout.nb_channels)
        guard (1...AVLibrary.Limit.channels).contains(channels) else {
            throw KitError(.badData, "\(place): \(channels) channels; expected 1...\(AVLibrary.Limit.channels)")
        }
        guard Waveform.sampleRates.contains(Int(parameters.sample_rate)) else {
            throw KitError(
                .badData,
                "\(place): \(parameters.sample_rate) samples a second; expected \(Waveform.sampleRates.lowerBound)"
                    + "...\(Waveform.sampleRates.upperBound)")
        }
        guard stream.pointee.time_base.value > 0 else { throw KitError(.badData, "\(place) has no clock") }
    }

    /// The time of the earliest sample that is played, in seconds on the container's clock. In some containers
    /// (Matroska), the times in headers include priming, so the first packets are decoded.
    private static func firstSample(
        _ demuxer: Demuxer, _ sounds: [UnsafeMutablePointer<AVStream>], _ languages: TrackLanguages
    ) throws -> Double? {
        try sounds.compactMap { stream in
            do {
                return try SampleClock(demuxer, track: audioTrack(stream, demuxer, languages, zero: 0), zero: 0).origin
            } catch let error as KitError where error.kind == .badData {
                return start(stream)
            }
        }.min()
    }

    private static func start(_ stream: UnsafeMutablePointer<AVStream>) -> Double? {
        let ticks = stream.pointee.start_time
        return ticks == AVLibrary.noTimestamp ? nil : Double(ticks) * stream.pointee.time_base.value
    }

    /// The duration of the stream in seconds, from its header or its statistics tag. A header may state one length for
    /// the whole file, which is not that of any stream.
    private static func length(_ stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer) -> Double? {
        guard !demuxer.has(.hasOneLength) else { return nil }
        guard demuxer.container.layout == .matroska else {
            // libav counts an empty edit before the first frame twice, and ignores those in the middle.
            if let played = demuxer.movieTracks[Int(stream.pointee.id)]?.playedLength {
                return played
            }
            let ticks = stream.pointee.duration
            return ticks != AVLibrary.noTimestamp && ticks > 0 ? Double(ticks) * stream.pointee.time_base.value : nil
        }
        // Matroska has no lengths of tracks (libav reports that of the file), but its writers add a tag "HH:MM:SS.fff".
        guard let tag = tag("DURATION", stream) else { return nil }
        let parts = tag.split(separator: ":").compactMap { Double($0) }
        guard parts.count == 3 else { return nil }
        let seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
        // FFmpeg's tag is the end time of the track, mkvmerge's its length.
        let writer = av_dict_get(demuxer.context.pointee.metadata, "encoder", nil, 0)
        let isEnd = writer.map { String(cString: $0.pointee.value).hasPrefix("Lavf") } ?? true
        let length = isEnd ? seconds - (start(stream) ?? 0) : seconds
        return length > 0 ? length : nil
    }

    /// The end of the last stream on the container's clock: from the header, or from the packets if the header lacks it
    /// (or libav had to estimate it from the bit rate).
    private static func containerEnd(_ demuxer: Demuxer) throws -> Double {
        let declared = demuxer.start + Double(max(0, demuxer.context.pointee.duration)) / 1e6
        guard let continuity = try Continuity(demuxer), let end = continuity.end else { return declared }
        guard demuxer.statedLength == nil || demuxer.has(.countsBuffering) else { return declared }
        for stream in demuxer.streams { stream.pointee.duration = AVLibrary.noTimestamp }
        return end
    }

    private static func videoTrack(
        _ stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer, zero: Double, containerEnd: Double
    ) -> VideoTrack {
        let parameters = stream.pointee.codecpar.pointee
        let orientation = orientation(stream)
        let isSideways = orientation.isTransposed
        let ratio = av_guess_sample_aspect_ratio(demuxer.context, stream, nil)
        let aspect = pixelAspects.contains(ratio.value) ? ratio.value : 1
        let rates = [
            // If few frames have time stamps, the codec knows more than the container.
            demuxer.has(.hasSparseStamps)
                ? av_guess_frame_rate(demuxer.context, stream, nil) : AVRational(num: 0, den: 1),
            stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate,
        ]
        let rate = rates.map(\.value).first { $0 > 0 } ?? 0
        // Anything before the first frame that can be shown is not part of the film.
        let ahead = (start(stream) ?? zero) - zero
        // If only decoding times are known, frames are shown later by the number of reordered frames.
        let delay =
            demuxer.hasDecodingTimesAlone(stream: Int(stream.pointee.index)) && rate > 0
            ? Double(parameters.video_delay) / rate : 0
        let stated = length(stream, demuxer).map { $0 + ahead + delay }
        return VideoTrack(
            index: Int(stream.pointee.index), codec: String(cString: avcodec_get_name(parameters.codec_id)),
            width: Int(isSideways ? parameters.height : parameters.width),
            height: Int(isSideways ? parameters.width : parameters.height), orientation: orientation,
            pixelAspect: isSideways ? 1 / aspect : aspect, frameRate: rate, start: zero,
            duration: stated ?? containerEnd - zero + delay, statedDuration: stated,
            frameCount: stream.pointee.nb_frames > 0 ? Int(stream.pointee.nb_frames) : nil)
    }

    private static func audioTrack(
        _ stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer, _ languages: TrackLanguages, zero: Double
    ) -> AudioTrack {
        var parameters = stream.pointee.codecpar.pointee
        var layout = [CChar](repeating: 0, count: 64)
        if parameters.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
            var usual = AVChannelLayout()
            av_channel_layout_default(&usual, parameters.ch_layout.nb_channels)
            av_channel_layout_describe(&usual, &layout, layout.count)
        } else {
            av_channel_layout_describe(&parameters.ch_layout, &layout, layout.count)
        }
        let tag = languages.tag(stream)
        let supplementary =
            AV_DISPOSITION_COMMENT | AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_VISUAL_IMPAIRED
        return AudioTrack(
            index: Int(stream.pointee.index), language: Language(tag: tag), languageTag: tag,
            codec: String(cString: avcodec_get_name(parameters.codec_id)),
            channels: Int(parameters.ch_layout.nb_channels), layout: String(cBuffer: layout),
            sampleRate: Int(parameters.sample_rate), start: (start(stream) ?? zero) - zero,
            duration: length(stream, demuxer),
            title: Self.title(stream, demuxer), isSupplementary: stream.pointee.disposition & supplementary != 0)
    }

    private static func tag(_ name: String, _ stream: UnsafeMutablePointer<AVStream>) -> String? {
        av_dict_get(stream.pointee.metadata, name, nil, 0).map { String(cString: $0.pointee.value) }
    }

    /// The title of a stream; nil if it has none.
    static func title(_ stream: UnsafeMutablePointer<AVStream>, _ demuxer: Demuxer) -> String? {
        tag("title", stream) ?? demuxer.movieTracks[Int(stream.pointee.id)]?.title
    }

    static func orientation(_ stream: UnsafeMutablePointer<AVStream>) -> Orientation {
        var size = 0
        guard let data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36 else {
            return .upright
        }
        return data.withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(displayMatrix: $0) }
    }
}
