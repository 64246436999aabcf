import Kit

/// Points in the plane.
final class ScatterPlot: PlotFunction {
    static let name = "scatter"
    static let summary = "Points [points, 2], coloured by group."

    @Param("The points; only the first two columns of wider rows are used.", positional: true) var x: GivenNumbers
    @Param("A .png or .svg file; nil shows it in the terminal.", from: .ours) var path: String? = nil
    @Param("The group of each point, such as a film's name; empty for one group.", from: .ours)
    var groups: [String] = []
    @Param("Width of the chart.", in: 160...8192, unit: "px", from: .ours) var width: Int = 640
    @Param("Height of the chart.", in: 120...8192, unit: "px", from: .ours) var height: Int = 480

    init() {}

    func drawing() throws -> Drawing {
        let points = try x.tensor(rank: 2, expected: "[points, 2]")
        let (count, step) = (points.shape[0], points.shape[1])
        guard step >= 2 else {
            throw KitError.usage("expected [points, 2], but the tensor's shape is \(x.tensor.shape)")
        }
        guard groups.isEmpty || groups.count == count else {
            throw KitError.usage(
                "option 'groups' must have \(counted(count, "name")), one for each point, but has \(groups.count)")
        }
        let values = points.values
        let places = (0..<count).map { (x: Double(values[$0 * step]), y: Double(values[$0 * step + 1])) }
        let names = groups.reduce(into: [String]()) { names, name in if !names.contains(name) { names.append(name) } }
        let marks =
            groups.isEmpty
            ? [Figure.Mark.points(places, ColourScale.distinct(0))]
            : names.enumerated().map { index, name in
                .points(zip(places, groups).filter { $1 == name }.map(\.0), ColourScale.distinct(index))
            }
        return .figure(
            Figure(
                x: .init("column 1", around: places.map(\.x)), y: .init("column 2", around: places.map(\.y)), marks,
                names: names.count <= 12 ? names : [], width: width, height: height))
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ScatterPlot.self) }
