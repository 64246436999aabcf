import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(CTCDecode.self) }

/// `kit.ctc_decode(scores, { frames = batch_frames })`.
struct CTCDecode: Function, CalledWithArguments {
    static let name = "ctc_decode"
    static let summary =
        "Reads the symbols from scores [batch, time, classes] of a network trained with kit.loss.ctc: a list for each row of "
        + "the most likely class of each frame, without repeats and then without blanks. Classes count from 1."
    static let reference = "Graves et al. 2006 (Connectionist temporal classification), section 3.2: best path decoding"
    static let returns: any OptionConvertible.Type = [OptionValue].self
    static var arguments: [String] { ["scores"] }

    @Param("The scores, or their softmax or its logarithm.") var scores: Tensor
    @Param("The number of frames of each row; nil for all.", from: .ours) var frames: [Int]? = nil
    @Param("The class of the blank, counted from 1.", in: 1...16_777_216, from: .inferred) var blank: Int = 1

    func construct() throws -> Any {
        guard scores.shape.rank == 3, scores.shape[2] > 0 else {
            throw KitError.usage("expected scores [batch, time, classes], given \(scores.shape)")
        }
        guard blank <= scores.shape[2] else {
            throw KitError.usage(
                "option 'blank' is \(blank), but the scores have \(counted(scores.shape[2], "class", "classes"))")
        }
        if let frames, frames.count != scores.shape[0] || !frames.allSatisfy({ 0...scores.shape[1] ~= $0 }) {
            throw KitError.usage(
                "option 'frames' must have \(counted(scores.shape[0], "number")) from 0 to \(scores.shape[1]), one for each row"
            )
        }
        let rows = try scores.ctcGreedy(frames: frames, blank: blank - 1)
        return OptionValue.list(rows.map { row in .list(row.map { .int($0 + 1) }) })
    }
}
