import KitCore

/// The progress of some work as one line of text.
package protocol ProgressText {
    /// What is counted, the same for all lines of one piece of work.
    var subject: String { get }
    var step: Int { get }
    var steps: Int { get }
    var text: String { get }
}

extension ProgressText {
    /// The text after a bar, cut to the terminal's width, because a wrapped line cannot be redrawn in place.
    package func drawn(width: Int) -> String {
        let cells = 16
        let eighths = steps > 0 ? min(step, steps) * cells * 8 / steps : 0
        let partial = eighths % 8 == 0 ? "" : String(Character(UnicodeScalar(0x2590 - UInt32(eighths % 8))!))
        let full = String(repeating: "█", count: eighths / 8) + partial
        let bar = full + String(repeating: " ", count: cells - full.count)
        return String("▕\(bar)▏ \(text)".prefix(max(1, width - 1)))
    }
}

/// The state of a run as one line of text.
package struct ProgressLine: ProgressText {
    package let subject = "steps"
    package var step: Int
    package var steps: Int
    var epoch: Int
    var epochs: Int
    var loss: Double
    var terms: [(name: String, value: Double)]
    var clipsPerSecond: Double
    /// The share of the time spent waiting for data, 0...1.
    var dataWait: Double
    var secondsLeft: Double

    package init(
        step: Int, steps: Int, epoch: Int, epochs: Int, loss: Double, terms: [(name: String, value: Double)],
        clipsPerSecond: Double, dataWait: Double, secondsLeft: Double
    ) {
        (self.step, self.steps, self.epoch, self.epochs) = (step, steps, epoch, epochs)
        (self.loss, self.terms) = (loss, terms)
        (self.clipsPerSecond, self.dataWait, self.secondsLeft) = (clipsPerSecond, dataWait, secondsLeft)
    }

    /// "step 12/240 · epoch 1/10 · loss 5.312 (primary 2.650, secondary 2.662) · 24.1 clips/s · data 3% · 4m12s left".
    package var text: String {
        "step \(step)/\(steps) · epoch \(epoch)/\(epochs) · loss \(lossText(loss))\(termText)"
            + " · \(decimal(clipsPerSecond, 1)) clips/s · data \(Int(saturating: (dataWait * 100).rounded()))%"
            + " · \(durationText(secondsLeft)) left"
    }

    private var termText: String {
        guard terms.count > 1 else { return "" }
        return " (\(terms.map { "\($0.name) \(lossText($0.value))" }.joined(separator: ", ")))"
    }
}
