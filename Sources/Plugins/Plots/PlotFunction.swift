import Foundation
import Kit

/// `kit.plot.image(x, "file.png")`: draws something into a file, or into the terminal where there is one.
protocol PlotFunction: CalledWithArguments {
    /// Nil: it is shown in the terminal, if the output goes to one.
    var path: String? { get }
    /// What is drawn.
    func drawing() throws -> Drawing
}

/// A chart, or a picture on its own.
enum Drawing {
    case figure(Figure)
    case picture(Frames)
}

extension PlotFunction {
    static var kind: String { "plot" }
    static var source: String { "This kit." }
    static var arguments: [String] { ["x", "path"] }

    func validate() throws {
        guard let path, !["png", "svg"].contains(Self.fileExtension(path)) else { return }
        throw KitError.usage("option 'path' must end in .png or .svg, but is \"\(path)\"")
    }

    /// Throws unless an option, if it is given, is a number that lengths can be multiplied or divided by.
    func checkAboveZero(_ option: String, _ value: Double?) throws {
        guard let value, !(value > 0 && value.isFinite) else { return }
        throw KitError.usage("option '\(option)' must be above 0, but is \(value)")
    }

    static var returns: any OptionConvertible.Type { String?.self }

    var changesFiles: Bool { path != nil }

    /// The file that was written; nothing for a drawing that is shown.
    func construct() throws -> Any {
        let drawing = try drawing()
        if let path {
            try write(drawing, to: path)
            return path
        }
        if let form = try TerminalGraphics.form() {
            let terminal = Terminal.standardOutput
            fflush(nil)
            terminal.write(try TerminalPicture.text(drawing.pixels, as: form, columns: terminal.width()))
        }
        return OptionValue.results([])
    }

    private func write(_ drawing: Drawing, to path: String) throws {
        let bytes =
            Self.fileExtension(path) == "svg"
            ? Array(try drawing.svg().utf8) : try PictureFile.png.bytes(of: 0, drawing.pixels)
        try AtomicFile.write(bytes, to: path)
    }

    private static func fileExtension(_ path: String) -> String {
        URL(fileURLWithPath: path).pathExtension.lowercased()
    }
}

extension Drawing {
    var pixels: Frames {
        switch self {
        case .figure(let figure): figure.picture()
        case .picture(let picture): picture
        }
    }

    func svg() throws -> String {
        switch self {
        case .figure(let figure): try figure.svg()
        case .picture(let picture): try picture.svg()
        }
    }
}
