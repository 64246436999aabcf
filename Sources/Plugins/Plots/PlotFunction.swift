import Foundation
import Kit

/// `kit.plot.image(x, "file.png")`: draws to a file, or to the terminal.
protocol PlotFunction: CalledWithArguments {
    /// The file; nil shows the drawing in the terminal, if output goes to one.
    var path: String? { get }
    /// The drawing.
    func drawing() throws -> Drawing
}

/// A chart, or an image without axes.
enum Drawing {
    case figure(Figure)
    case image(Frames)
}

extension PlotFunction {
    static var kind: String { "plot" }
    static var reference: String { "This kit." }
    static var arguments: [String] { ["x", "path"] }

    func validate() throws {
        guard let path, !["png", "svg"].contains(Self.fileExtension(path)) else { return }
        throw KitError.usage("option 'path' must end in .png or .svg, but is \"\(path)\"")
    }

    /// Throws unless an option, if given, is finite and above 0.
    func checkAboveZero(_ option: String, _ value: Double?) throws {
        guard let value, !(value > 0 && value.isFinite) else { return }
        throw KitError.usage("option '\(option)' must be above 0, but is \(value)")
    }

    static var returns: any OptionConvertible.Type { String?.self }

    var changesFiles: Bool { path != nil }

    /// The path of the file; nothing for a drawing in the terminal.
    func construct() throws -> Any {
        let drawing = try drawing()
        if let path {
            try write(drawing, to: path)
            return path
        }
        if let form = try TerminalGraphics.form() {
            let terminal = Terminal.standardOutput
            fflush(nil)
            let chart =
                [.blocks, .shades].contains(form) ? drawing.text(columns: terminal.width(), .of(terminal)) : nil
            terminal.write(try chart ?? TerminalImage.text(drawing.pixels, as: form, columns: terminal.width()))
        }
        return OptionValue.results([])
    }

    private func write(_ drawing: Drawing, to path: String) throws {
        let bytes =
            Self.fileExtension(path) == "svg"
            ? Array(try drawing.svg().utf8) : try ImageFile.png.bytes(of: 0, drawing.pixels)
        try AtomicFile.write(bytes, to: path)
    }

    private static func fileExtension(_ path: String) -> String {
        URL(fileURLWithPath: path).pathExtension.lowercased()
    }
}

extension Drawing {
    var pixels: Frames {
        switch self {
        case .figure(let figure): figure.image()
        case .image(let image): image
        }
    }

    /// A chart as text; nil for an image, and for a chart with one.
    func text(columns: Int, _ style: Figure.TextStyle) -> String? {
        if case .figure(let figure) = self { figure.text(columns: columns, style) } else { nil }
    }

    func svg() throws -> String {
        switch self {
        case .figure(let figure): try figure.svg()
        case .image(let image): try image.svg()
        }
    }
}
