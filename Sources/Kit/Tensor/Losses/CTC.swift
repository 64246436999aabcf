import Glibc
import KitCore

extension Tensor {
    /// Connectionist temporal classification of rows of scores [batch, time, classes]: for each row, -ln of the
    /// probability that its frames spell its symbols, summed over all alignments. A frame gives a symbol or the blank;
    /// repeats without a blank between them count as one.
    ///
    /// Probabilities are the softmax of the scores. Sums over alignments are made in the log domain in double precision
    /// (Graves et al. 2006, equations 6 to 16). The gradient repeats them, so only the scores are kept for it.
    ///
    /// A row with too few frames for its symbols (see ``ctcFrames(of:)``) gives 0 and gets no gradient. So that this is
    /// never an accident, `kit.loss.ctc` refuses such rows unless it is told otherwise.
    ///
    /// - Parameters:
    ///   - symbols: for each row, its classes in order, counted from 0, without blanks. May be empty.
    ///   - frames: for each row, the number of its frames, at most `time`. Later frames are ignored.
    ///   - blank: the class of the blank, counted from 0.
    /// - Returns: [batch].
    public func ctc(_ symbols: [[Int]], frames: [Int], blank: Int) throws -> Tensor {
        let rows = try CTCRows(self, symbols, frames, blank: blank)
        let result = Tensor(uninitialized: [symbols.count])
        let y = result.pointer
        ThreadPool.shared.forEach(symbols.count) { y[$0] = Float(rows.loss($0)) }
        return result.recorded("ctc", [self]) { gradient in
            let result = Tensor.zeros(rows.scores.shape)
            guard !MemoryShortage.isPending else { return [result] }
            let (g, dx) = (gradient.pointer, result.pointer)
            ThreadPool.shared.forEach(symbols.count) { row in
                _ = rows.loss(row, gradient: dx + row * rows.time * rows.classes, scale: Double(g[row]))
            }
            return [result]
        }
    }

    /// The smallest number of frames that can spell these symbols: one for each, and a blank between equal neighbours.
    public static func ctcFrames(of symbols: [Int]) -> Int {
        symbols.count + zip(symbols, symbols.dropFirst()).count { $0 == $1 }
    }

    /// The symbols that each row of scores [batch, time, classes] spells if every frame gives its most likely class:
    /// without repeats, then without blanks. If several classes are equally likely, the first.
    ///
    /// - Parameters:
    ///   - frames: for each row, the number of its frames; nil for all.
    ///   - blank: the class of the blank, counted from 0.
    /// - Returns: for each row, classes counted from 0.
    public func ctcGreedy(frames: [Int]? = nil, blank: Int) throws -> [[Int]] {
        guard shape.rank == 3, shape[2] > 0 else {
            throw KitError.usage("ctc: needs scores [batch, time, classes], but got \(shape)")
        }
        let frames = frames ?? Array(repeating: shape[1], count: shape[0])
        try CTCRows.check(frames, of: shape)
        let (x, time, classes) = (pointer, shape[1], shape[2])
        guard !MemoryShortage.isPending else { return Array(repeating: [], count: shape[0]) }
        return frames.enumerated().map { row, count in
            var (spelled, last) = ([Int](), blank)
            for frame in 0..<count {
                let scores = x + (row * time + frame) * classes
                let best = (0..<classes).reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
                if best != last, best != blank { spelled.append(best) }
                last = best
            }
            return spelled
        }
    }
}

/// The rows of one evaluation of the loss.
private struct CTCRows: @unchecked Sendable {
    let scores: Tensor
    let time: Int
    let classes: Int
    private let x: UnsafeMutablePointer<Float>
    private let symbols: [[Int]]
    private let frames: [Int]
    private let blank: Int

    init(_ scores: Tensor, _ symbols: [[Int]], _ frames: [Int], blank: Int) throws {
        let shape = scores.shape
        guard shape.rank == 3, shape[0] == symbols.count else {
            throw KitError.usage("ctc: needs scores [batch \(symbols.count), time, classes], but got \(shape)")
        }
        guard 0..<shape[2] ~= blank else {
            throw KitError.usage("ctc: the blank is class \(blank), but there are \(shape[2])")
        }
        try Self.check(frames, of: shape)
        if let bad = symbols.joined().first(where: { !(0..<shape[2] ~= $0) || $0 == blank }) {
            throw KitError.usage("ctc: \(bad) is not a symbol: they are below \(shape[2]), and \(blank) is the blank")
        }
        self.scores = scores.detached()
        (time, classes, x) = (shape[1], shape[2], self.scores.pointer)
        (self.symbols, self.frames, self.blank) = (symbols, frames, blank)
    }

    static func check(_ frames: [Int], of shape: Shape) throws {
        guard frames.count == shape[0], frames.allSatisfy({ 0...shape[1] ~= $0 }) else {
            throw KitError.usage("ctc: needs a number of frames up to \(shape[1]) for each of \(shape[0]) rows")
        }
    }

    /// The loss of a row. With a gradient, adds `scale` times that of the row's scores to it.
    func loss(_ row: Int, gradient: UnsafeMutablePointer<Float>? = nil, scale: Double = 1) -> Double {
        let (own, count) = (symbols[row], frames[row])
        guard count >= Tensor.ctcFrames(of: own), count > 0 else { return 0 }
        // Blanks before, between and after the symbols.
        let states = 2 * own.count + 1
        let classOf = (0..<states).map { $0 % 2 == 0 ? blank : own[$0 / 2] }
        // Whether a state can follow the one two before it: not a blank, which may be left out, nor a repeat.
        let skips = (0..<states).map { $0 >= 2 && classOf[$0] != blank && classOf[$0] != classOf[$0 - 2] }
        let start = x + row * time * classes
        let norms = (0..<count).map { Self.logSumExp(start + $0 * classes, classes) }
        func logProbability(_ frame: Int, _ state: Int) -> Double {
            Double(start[frame * classes + classOf[state]]) - norms[frame]
        }
        // ln of the probability of all beginnings that end in a state at a frame.
        var forward = [Double](repeating: -.infinity, count: count * states)
        for state in 0..<Swift.min(2, states) { forward[state] = logProbability(0, state) }
        for frame in 1..<Swift.max(1, count) {
            let (before, now) = ((frame - 1) * states, frame * states)
            for state in 0..<states {
                let way = Self.logAdd(
                    forward[before + state], state > 0 ? forward[before + state - 1] : -.infinity,
                    skips[state] ? forward[before + state - 2] : -.infinity)
                forward[now + state] = way + logProbability(frame, state)
            }
        }
        let end = (count - 1) * states
        let total = Self.logAdd(
            forward[end + states - 1], states > 1 ? forward[end + states - 2] : -.infinity, -.infinity)
        // Infinite scores can make every alignment impossible: the loss is infinite, and its gradient is left at 0.
        guard let gradient, total.isFinite else { return -total }

        // ln of the probability of all ends that follow a state at a frame.
        var backward = (0..<states).map { $0 >= states - 2 ? 0 : -Double.infinity }
        var shares = [Double](repeating: 0, count: classes)
        for frame in (0..<count).reversed() {
            for state in 0..<states {
                shares[classOf[state]] += exp(forward[frame * states + state] + backward[state] - total)
            }
            let (scores, result) = (start + frame * classes, gradient + frame * classes)
            for label in 0..<classes {
                result[label] += Float(scale * (exp(Double(scores[label]) - norms[frame]) - shares[label]))
                shares[label] = 0
            }
            guard frame > 0 else { break }
            let after = (0..<states).map { backward[$0] + logProbability(frame, $0) }
            for state in 0..<states {
                backward[state] = Self.logAdd(
                    after[state], state + 1 < states ? after[state + 1] : -.infinity,
                    state + 2 < states && skips[state + 2] ? after[state + 2] : -.infinity)
            }
        }
        return -total
    }

    private static func logSumExp(_ values: UnsafePointer<Float>, _ count: Int) -> Double {
        let largest = Double((0..<count).reduce(-Float.infinity) { Swift.max($0, values[$1]) })
        guard largest > -.infinity else { return largest }
        return largest + log((0..<count).reduce(0.0) { $0 + exp(Double(values[$1]) - largest) })
    }

    private static func logAdd(_ a: Double, _ b: Double, _ c: Double) -> Double {
        let largest = Swift.max(a, b, c)
        guard largest > -.infinity else { return largest }
        return largest + log(exp(a - largest) + exp(b - largest) + exp(c - largest))
    }
}
