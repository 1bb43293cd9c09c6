namespace Cencori.Edge.Admin;

/// <summary>The current state of a changeable object, with its ETag.</summary>
/// <param name="Value">The state.</param>
/// <param name="Tag">The <see cref="EntityTags">ETag</see> of the state, with quotes. A change request may name the ETag that it expects; see
/// <see cref="Precondition"/>.</param>
public readonly record struct Tagged<T>(T Value, string Tag);
