import Kit

/// Quantities over steps.
final class CurvesPlot: PlotFunction {
    static let name = "curves"
    static let summary = "Lines over the row index: one for [steps], or one for each column of [steps, curves]."

    @Param("The values; those that are not finite leave a gap.", positional: true) var x: GivenNumbers
    @Param("A .png or .svg file; nil shows it in the terminal.", from: .ours) var path: String? = nil
    @Param("The names of the curves, for a legend; empty for none.", from: .ours) var names: [String] = []
    @Param("Width of the chart.", in: 160...8192, unit: "px", from: .ours) var width: Int = 640
    @Param("Height of the chart.", in: 120...8192, unit: "px", from: .ours) var height: Int = 400

    init() {}

    func drawing() throws -> Drawing {
        let table = try x.tensor(rank: 2, expected: "[steps] or [steps, curves]")
        let (steps, curves) = (table.shape[0], table.shape[1])
        guard names.isEmpty || names.count == curves else {
            throw KitError.usage(
                "option 'names' must have \(counted(curves, "name")), one for each curve, but has \(names.count)")
        }
        let values = table.values
        let marks = (0..<curves).map { curve in
            Figure.Mark.line(
                (0..<steps).map { (x: Double($0 + 1), y: Double(values[$0 * curves + curve])) },
                ColourScale.distinct(curve))
        }
        return .figure(
            Figure(
                x: .init("step", 1...Double(max(2, steps))), y: .init("value", around: values.map(Double.init)), marks,
                names: names, width: width, height: height))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(CurvesPlot.self) }
