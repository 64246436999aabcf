import KitCore
import KitMedia
import KitTensor

/// Reads clips into their places in batches: decoding, augmentation, spectrograms. Each thread has its own.
final class ClipLoader {
    let dataset: FilmDataset
    /// The root stream for all randomness of the batches.
    let random: RandomStream
    private let settings: ClipSettings
    private let reader: any FilmReader
    /// Runs work on the recipe's thread and waits for it.
    private let onScriptThread: ScriptThread

    /// Passes work to the recipe's thread.
    typealias ScriptThread = (_ work: () throws -> Void) throws -> Void

    init(_ dataset: FilmDataset, seed: Int, reader: any FilmReader, onScriptThread: @escaping ScriptThread) {
        self.dataset = dataset
        self.reader = reader
        self.onScriptThread = onScriptThread
        settings = dataset.settings
        random = RandomStream(seed: seed)
    }

    /// Reads one clip into one place of a batch's tensors. Throws if the source cannot be read.
    func load(_ draw: ClipDraw, into batch: ClipBatch, _ place: Int) throws -> ClipBatch.Place {
        let clip = dataset.clips[draw.clip]
        let source = dataset.source(of: clip)
        // In evaluation, a clip is the same in every epoch.
        let (epoch, use) = dataset.isTraining ? (draw.epoch, draw.use) : (0, 0)
        let stream = random.derived("clip \(clip.id)", epoch, use)
        let start = start(of: clip, source, random.derived("start \(source.id)", epoch, use))
        if let video = batch.video {
            try readVideo(source, clip, start, settings.augmentations, stream, into: video, place)
        }
        if let video = batch.secondVideo, let augmentations = settings.secondView {
            try readVideo(source, clip, start, augmentations, stream.derived("second view"), into: video, place)
        }
        let languages = try readAudio(source, clip, start, stream, into: batch.audio, place)
        return ClipBatch.Place(
            clip: clip, film: source.film, start: start, languages: languages.map(\.code), labels: source.labels)
    }

    /// The start of a clip. In training, all clips of a source move together by up to half a clip to either side,
    /// within the source, so that clips of one epoch hardly overlap. If a source has only one clip, that may be
    /// anywhere in it.
    private func start(of clip: Clip, _ source: ClipSource, _ random: RandomStream) -> Double {
        guard dataset.isTraining, settings.jitter else { return clip.start }
        let room = max(0, dataset.entries[clip.source].facts.duration - settings.seconds)
        var random = random
        let isOnly = room < settings.seconds
        let moved =
            isOnly ? random.uniform(0, room) : clip.start - source.start + shift(by: settings.seconds / 2, &random)
        return source.start + min(max(0, moved), room)
    }

    private func shift(by limit: Double, _ random: inout RandomStream) -> Double { random.uniform(-limit, limit) }

    private func readVideo(
        _ source: ClipSource, _ clip: Clip, _ start: Double, _ augmentations: [any Augmentation],
        _ stream: RandomStream, into batch: Tensor, _ place: Int
    ) throws {
        let facts = dataset.entries[clip.source].facts
        let (count, size) = (batch.shape[1] / settings.crops.count, settings.size)
        let last = source.start + facts.duration  // In a padded film, the last frame continues.
        let times = (0..<count).map { min(start + settings.seconds * Double($0) / Double(count), last) }
        var fits = [FrameFit.centre]
        if let frameSize = facts.frameSize {
            fits = settings.crops.fits(frameSize)
            try augment(augmentations, stream, as: (any RegionAugmentation).self) { crop, random in
                let region = crop.region(of: frameSize, size: size, &random)
                let (width, height) = (Double(frameSize.width), Double(frameSize.height))
                fits = [
                    .region(
                        x: region.x / width, y: region.y / height, width: region.width / width,
                        height: region.height / height)
                ]
            }
        }
        var target = batch.pointer + place * (batch.count / batch.shape[0])
        for fit in fits {
            let frames = try reader.frames(of: source, at: times, width: size, height: size, fit: fit)
            for (index, value) in frames.values.enumerated() { target[index] = Float(value) * (1 / 255) }
            let changed = ClipFrames(values: target, count: count, height: size, width: size)
            try augment(augmentations, stream, as: (any FrameAugmentation).self) { try $0.apply(to: changed, &$1) }
            settings.normalise(frames: target, count: frames.values.count)
            target += frames.values.count
        }
    }

    private func readAudio(
        _ source: ClipSource, _ clip: Clip, _ start: Double, _ stream: RandomStream, into audio: AudioTracks,
        _ place: Int
    ) throws -> [Language] {
        guard let mel = settings.mel else { return [] }
        let facts = dataset.entries[clip.source].facts
        let room = max(0, facts.duration - settings.seconds)
        var waveforms: [(language: Language, start: Double, waveform: Waveform)] = []
        return try dataset.entries[clip.source].languages.enumerated().map { index, choices in
            var random = stream.derived("track", index)
            let language = choices[random.index(below: choices.count)]
            var begin = start
            if dataset.isTraining, settings.shift > 0, index > 0 {
                let moved = start - source.start + shift(by: settings.shift, &random)
                begin = source.start + min(max(0, moved), room)
            }
            if !waveforms.contains(where: { $0.language == language && $0.start == begin }) {
                let length = min(settings.seconds, facts.duration)
                let waveform = try reader.audio(
                    of: source, language: language, start: begin, duration: length, sampleRate: mel.settings.sampleRate)
                waveforms.append((language, begin, waveform.padded(to: settings.samples)))
            }
            var waveform = waveforms.first { $0.language == language && $0.start == begin }!.waveform
            let drawn = stream.derived("sound", settings.augmentsTracksApart ? index : 0)
            try augment(settings.augmentations, drawn, as: (any WaveformAugmentation).self) {
                try $0.apply(to: &waveform, &$1)
            }
            let tensor = audio.tracks[index].tensor
            let target = tensor.pointer + place * (tensor.count / tensor.shape[0])
            try waveform.values.withUnsafeBufferPointer {
                try mel.compute($0.baseAddress!, channels: waveform.channels, samples: waveform.count, into: target)
            }
            let spectrogram = ClipSpectrogram(
                values: target, time: tensor.shape[1], mel: tensor.shape[2], channels: tensor.shape[3])
            try augment(settings.augmentations, drawn, as: (any SpectrogramAugmentation).self) {
                try $0.apply(to: spectrogram, &$1)
            }
            settings.normalise(spectrogram: target, count: tensor.count / tensor.shape[0])
            return language
        }
    }

    /// Calls `body` with each augmentation of one stage and its own random numbers, but not in evaluation.
    private func augment<Stage>(
        _ augmentations: [any Augmentation], _ stream: RandomStream, as stage: Stage.Type,
        _ body: (Stage, inout RandomStream) throws -> Void
    ) throws {
        guard dataset.isTraining else { return }
        for (index, augmentation) in augmentations.enumerated() {
            guard let stage = augmentation as? Stage else { continue }
            var random = stream.derived("augmentation", index)
            if augmentation is any ScriptBound {
                try onScriptThread { try body(stage, &random) }
            } else {
                try body(stage, &random)
            }
        }
    }
}
