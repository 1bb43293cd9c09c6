namespace Cencori.Edge.Admin;

/// <summary>Something that can be changed, as it is now.</summary>
/// <param name="Value">What it is.</param>
/// <param name="Tag">Its <see cref="EntityTags">tag</see>, with quotes. Whoever changes it may say by this what they have read; see <see cref="Precondition"/>.</param>
public readonly record struct Tagged<T>(T Value, string Tag);
