import KitCore
import KitTensor

/// A network of tokens that says where they are, so that features can follow time.
public protocol TokenNetwork: Module {
    /// The axis of its grids that is time.
    var timeAxis: Int { get }

    /// The grids of the tokens that its layers give for an input of this shape, after a call with it.
    func tokenGrids(of input: Shape) -> [TokenGrid]
}
