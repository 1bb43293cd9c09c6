namespace Cencori.Edge.Admin;

/// <summary>The current state of an object that can be changed.</summary>
/// <param name="Value">The state.</param>
/// <param name="Tag">Its <see cref="EntityTags">ETag</see>, with quotes. A change may state the ETag that it expects; see <see cref="Precondition"/>.</param>
public readonly record struct Tagged<T>(T Value, string Tag);
