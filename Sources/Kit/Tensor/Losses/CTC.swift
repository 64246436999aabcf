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
            let (result, each) = (Tensor.zeros(rows.scores.shape), rows.scratchCount)
            // Scratch memory for as many rows as are computed at once; two floats for each number.
            let atOnce = Swift.max(1, Swift.min(symbols.count, ThreadPool.shared.threadCount))
            let scratch = Storage(count: 2 * each * atOnce)
            guard !MemoryShortage.isPending else { return [result] }
            let (g, dx) = (gradient.pointer, result.pointer)
            scratch.pointer.withMemoryRebound(to: Double.self, capacity: each * atOnce) { scratch in
                for first in stride(from: 0, to: symbols.count, by: atOnce) {
                    ThreadPool.shared.forEach(Swift.min(atOnce, symbols.count - first)) { place in
                        let row = first + place
                        rows.addGradient(
                            of: row, to: dx + row * rows.time * rows.classes, scale: Double(g[row]),
                            scratch: scratch + place * each)
                    }
                }
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
            throw KitError.usage(
                "ctc: needs a number of frames up to \(shape[1]) for each of \(counted(shape[0], "row"))")
        }
    }

    /// Numbers that the gradient of a row needs at once, at most: the trellis, the norms of frames, and a share for each
    /// class.
    var scratchCount: Int {
        let trellis = zip(symbols, frames).map { $1 * (2 * $0.count + 1) }.max() ?? 0
        return trellis + time + classes
    }

    /// The loss of a row.
    func loss(_ row: Int) -> Double {
        let states = 2 * symbols[row].count + 1
        // Two frames are enough for the value.
        var trellis = [Double](repeating: 0, count: 2 * states)
        return trellis.withUnsafeMutableBufferPointer { trellis in
            loss(row, trellis.baseAddress!, rows: 2, norms: nil)
        }
    }

    /// ln of the probability of all beginnings of a row that end in a state at a frame, and the loss. Keeps the last
    /// `rows` frames of the trellis.
    private func loss(
        _ row: Int, _ trellis: UnsafeMutablePointer<Double>, rows: Int, norms: UnsafeMutablePointer<Double>?
    ) -> Double {
        let (own, count) = (symbols[row], frames[row])
        guard count >= Tensor.ctcFrames(of: own), count > 0 else { return 0 }
        let (states, start) = (2 * own.count + 1, x + row * time * classes)
        for frame in 0..<count {
            let scores = start + frame * classes
            let norm = Self.logSumExp(scores, classes)
            norms?[frame] = norm
            let (now, before) = (trellis + frame % rows * states, trellis + (frame + rows - 1) % rows * states)
            for state in 0..<states {
                let way: Double
                if frame == 0 {
                    way = state < 2 ? 0 : -.infinity
                } else {
                    way = Self.logAdd(
                        before[state], state > 0 ? before[state - 1] : -.infinity,
                        skips(own, state) ? before[state - 2] : -.infinity)
                }
                now[state] = way + Double(scores[label(own, state)]) - norm
            }
        }
        let last = trellis + (count - 1) % rows * states
        return -Self.logAdd(last[states - 1], states > 1 ? last[states - 2] : -.infinity, -.infinity)
    }

    /// The class of a state: blanks are before, between and after the symbols.
    private func label(_ own: [Int], _ state: Int) -> Int { state % 2 == 0 ? blank : own[state / 2] }

    /// Whether a state can follow the one two before it: not a blank, nor a repeat, which needs the blank between.
    private func skips(_ own: [Int], _ state: Int) -> Bool {
        state % 2 == 1 && state > 1 && own[state / 2] != own[state / 2 - 1]
    }

    /// Adds `scale` times the gradient of a row's loss to that of its scores.
    func addGradient(
        of row: Int, to gradient: UnsafeMutablePointer<Float>, scale: Double, scratch: UnsafeMutablePointer<Double>
    ) {
        let (own, count) = (symbols[row], frames[row])
        guard count >= Tensor.ctcFrames(of: own), count > 0 else { return }
        let (states, start) = (2 * own.count + 1, x + row * time * classes)
        let (norms, shares) = (scratch + count * states, scratch + count * states + time)
        let total = -loss(row, scratch, rows: count, norms: norms)
        // Infinite scores can make every alignment impossible: the loss is infinite, and its gradient is left at 0.
        guard total.isFinite else { return }
        // ln of the probability of all ends that follow a state at a frame.
        var backward = (0..<states).map { $0 >= states - 2 ? 0 : -Double.infinity }
        for label in 0..<classes { shares[label] = 0 }
        for frame in (0..<count).reversed() {
            for state in 0..<states {
                shares[label(own, state)] += exp(scratch[frame * states + state] + backward[state] - total)
            }
            let (scores, result) = (start + frame * classes, gradient + frame * classes)
            for label in 0..<classes {
                result[label] += Float(scale * (exp(Double(scores[label]) - norms[frame]) - shares[label]))
                shares[label] = 0
            }
            guard frame > 0 else { break }
            let after = (0..<states).map { backward[$0] + Double(scores[label(own, $0)]) - norms[frame] }
            for state in 0..<states {
                backward[state] = Self.logAdd(
                    after[state], state + 1 < states ? after[state + 1] : -.infinity,
                    state + 2 < states && skips(own, state + 2) ? after[state + 2] : -.infinity)
            }
        }
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
