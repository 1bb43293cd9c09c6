namespace Cencori.Edge.Storage;

/// <summary>What a provider takes for a model, in US dollars. As it stands in a file, in a project's settings and in memory.</summary>
public sealed record ModelPrice
{
    /// <summary>Id of the provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The model as it is sent to the provider, or the beginning of its name and <c>*</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Per million input tokens. Null: tokens have no price.</summary>
    public decimal? Input { get; init; }

    /// <summary>Per million input tokens that the provider had cached. Null: as <see cref="Input"/>.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>Per million output tokens; there wherever <see cref="Input"/> is.</summary>
    public decimal? Output { get; init; }

    /// <summary>Per image that is made. Null: none are, or nobody knows.</summary>
    public decimal? PerImage { get; init; }

    /// <summary>Per minute of sound. Null: as <see cref="PerImage"/>.</summary>
    public decimal? PerMinute { get; init; }

    /// <summary>The first day, UTC, on which it holds. Null: it has always held.</summary>
    public DateOnly? From { get; init; }
}
