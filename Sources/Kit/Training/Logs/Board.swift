import Foundation
import KitCore
import KitData
import KitMedia
import KitTensor

/// What a recipe shows in TensorBoard next to the curves of a run: texts, images, sounds, histograms and embeddings.
///
/// The functions of `kit.train` that are called during a run get it as their last argument. Where nothing is recorded, as in a
/// dry run and on all ranks but the first, it checks its arguments and writes nothing. At the end of the run, one line says
/// what it took.
public final class Board {
    private let events: TensorBoardFile?
    private let projector: ProjectorFiles?
    /// The step that new records belong to.
    package var step = 0
    private var counts: [String: Int] = [:]
    private var bytes = 0
    private var seconds = 0.0
    private var hasEnded = false

    /// - Parameters:
    ///   - events: the event file; nil records nothing.
    ///   - folder: the run folder, for embeddings.
    package init(_ events: TensorBoardFile?, in folder: RunFolder?) {
        self.events = events
        projector = folder.map(ProjectorFiles.init)
    }

    /// Refuses records from now on: the run's files are closed.
    package func end() { hasEnded = true }

    /// What was recorded, its size, and the time it took; nil if there was nothing.
    package var costLine: String? {
        guard !counts.isEmpty else { return nil }
        let parts = counts.sortedByBytes(of: \.key).map { counted($0.value, $0.key) }
        return "TensorBoard: \(parts.joined(separator: ", ")); \(byteText(bytes)), \(decimal(seconds, 2)) s"
    }

    /// A number, in addition to those of the run.
    package func scalar(_ tag: String, _ value: Double) throws {
        guard value.isFinite else { throw KitError.usage("scalar: '\(tag)' is \(value): it must be finite") }
        try add("scalar", tag) { $0.simpleValue = Float(value) }
    }

    /// A text in Markdown.
    package func text(_ tag: String, _ text: String) throws {
        try add("text", tag) { value in
            value.metadata.pluginData.pluginName = "text"
            value.tensor.dtype = .dtString
            value.tensor.tensorShape.dim = [.with { $0.size = 1 }]
            value.tensor.stringVal = [Data(text.utf8)]
        }
    }

    /// Pixels, [height, width, 3] in 0...1, or [height, width] with the smallest value black and the largest white.
    package func image(_ tag: String, _ pixels: Tensor) throws {
        let frames = try Frames(image: pixels, name: "image:", stretchesGrey: true, largestSide: 4096)
        try add("image", tag) { value in
            (value.image.height, value.image.width) = (Int32(frames.height), Int32(frames.width))
            value.image.colorspace = 3
            value.image.encodedImageString = Data(try ImageFile.png.bytes(of: 0, frames))
        }
    }

    /// A spectrogram, [time, bands] or one channel of [time, bands, channels], with time to the right and low bands at the
    /// bottom.
    package func spectrogram(_ tag: String, _ spectrogram: Tensor) throws {
        let shape = spectrogram.shape
        guard shape.rank == 2 || shape.rank == 3 && shape[2] > 0, shape.count > 0 else {
            throw KitError.usage(
                "spectrogram: must be [time, bands] or [time, bands, channels], but its shape is \(shape)")
        }
        let (times, bands, channels) = (shape[0], shape[1], shape.rank == 3 ? shape[2] : 1)
        let values = spectrogram.values
        let turned = (0..<bands).flatMap { row in
            (0..<times).map { time in values[(time * bands + bands - 1 - row) * channels] }
        }
        try image(tag, Tensor(turned, [bands, times]))
    }

    /// A sound, [samples] or [samples, channels], full scale ±1.
    package func audio(_ tag: String, _ samples: Tensor, sampleRate: Int) throws {
        let shape = samples.shape
        guard (1...2).contains(shape.rank), samples.count > 0 else {
            throw KitError.usage("audio: must be [samples] or [samples, channels], but its shape is \(shape)")
        }
        let sound = shape.rank == 2 ? samples : try samples.reshaped([shape[0], 1])
        try requireFinite(sound, "audio")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString).wav")
        defer { try? FileManager.default.removeItem(at: file) }
        try add("sound", tag) { value in
            try Waveform(sound, sampleRate: sampleRate).write(file.path)
            value.audio.sampleRate = Float(sampleRate)
            (value.audio.numChannels, value.audio.lengthFrames) = (Int64(sound.shape[1]), Int64(sound.shape[0]))
            value.audio.encodedAudioString = try Data(contentsOf: file)
            value.audio.contentType = "audio/wav"
        }
    }

    /// How often each value occurs in a tensor, in 30 bins of equal width.
    package func histogram(_ tag: String, _ tensor: Tensor) throws {
        guard tensor.count > 0 else { throw KitError.usage("histogram: '\(tag)' has no values") }
        try requireFinite(tensor, "histogram")
        try add("histogram", tag) { $0.histo = Tensorboard_Histogram(tensor.values, bins: 30) }
    }

    /// Rows of features for the embedding projector, in the folder `projector` of the run.
    package func embedding(_ tag: String, _ rows: Tensor, labels: [String]?) throws {
        guard rows.shape.rank == 2, rows.count > 0 else {
            throw KitError.usage("embedding: must be [rows, features], but its shape is \(rows.shape)")
        }
        guard labels == nil || labels?.count == rows.shape[0] else {
            throw KitError.usage(
                "embedding: expected \(counted(rows.shape[0], "label")), one for each row, given \(labels?.count ?? 0)")
        }
        try requireFinite(rows, "embedding")
        try measured("embedding") { try projector?.write(tag, step: step, rows, labels: labels) ?? 0 }
    }

    private func requireFinite(_ tensor: Tensor, _ method: String) throws {
        guard tensor.values.allSatisfy(\.isFinite) else {
            throw KitError.usage("\(method): contains values that are not finite")
        }
    }

    private func add(_ kind: String, _ tag: String, _ fill: (inout Tensorboard_Summary.Value) throws -> Void) throws {
        guard !tag.isEmpty else { throw KitError.usage("\(kind): the name is empty") }
        try measured(kind) {
            var value = Tensorboard_Summary.Value()
            value.tag = tag
            try fill(&value)
            return try events?.add(step: step, [value]) ?? 0
        }
    }

    /// Counts a record of a kind, with its bytes and its time.
    private func measured(_ kind: String, _ write: () throws -> Int) throws {
        guard !hasEnded else {
            throw KitError.usage("\(kind): the run of this board has ended: use it in the functions that get it")
        }
        let begin = SteadyClock.now
        bytes += try write()
        seconds += SteadyClock.now - begin
        if events != nil { counts[kind, default: 0] += 1 }
    }
}

extension Tensorboard_Histogram {
    /// The histogram of finite values, of which there is one or more.
    package init(_ values: [Float], bins: Int) {
        self.init()
        let (least, greatest) = (Double(values.min() ?? 0), Double(values.max() ?? 0))
        (min, max, num) = (least, greatest, Double(values.count))
        (sum, sumSquares) = values.reduce((0, 0)) { ($0.0 + Double($1), $0.1 + Double($1) * Double($1)) }
        // Equal values fill one bin.
        let (bins, width) = greatest > least ? (bins, (greatest - least) / Double(bins)) : (1, 0)
        bucketLimit = (1...bins).map { $0 == bins ? greatest : least + Double($0) * width }
        var counts = [Double](repeating: 0, count: bins)
        for value in values { counts[width > 0 ? Swift.min(bins - 1, Int((Double(value) - least) / width)) : 0] += 1 }
        bucket = counts
    }
}
