using System.Text.Json.Serialization;

namespace Cencori.Edge.Storage;

/// <summary>What a provider takes for a model, in US dollars. As it stands in a file, in a project's settings and in memory.</summary>
public sealed record ModelPrice
{
    /// <summary>Id of the provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The model as it is sent to the provider, or the beginning of its name and <c>*</c>. Neither case nor spaces around it matter.</summary>
    public required string Model { get; init; }

    /// <summary>Per million input tokens. Null: tokens have no price.</summary>
    public decimal? Input { get; init; }

    /// <summary>Per million input tokens that the provider had cached. Null: as <see cref="Input"/>.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>Per million input tokens that the provider put into its cache. Null: as <see cref="Input"/>.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>Per million input tokens that it put there for an hour. Null: as <see cref="CacheWrite"/>.</summary>
    [JsonPropertyName("cache_write_1h")]
    public decimal? HourCacheWrite { get; init; }

    /// <summary>Per million output tokens; there wherever <see cref="Input"/> is.</summary>
    public decimal? Output { get; init; }

    /// <summary>Per million input tokens of sound. Null: as <see cref="Input"/>.</summary>
    public decimal? InputAudio { get; init; }

    /// <summary>Per million input tokens of sound that the provider had cached. Null: as <see cref="InputAudio"/>.</summary>
    public decimal? CachedInputAudio { get; init; }

    /// <summary>Per million output tokens of sound. Null: as <see cref="Output"/>.</summary>
    public decimal? OutputAudio { get; init; }

    /// <summary>Per million input tokens of images. Null: as <see cref="Input"/>.</summary>
    public decimal? InputImage { get; init; }

    /// <summary>Per million input tokens of images that the provider had cached. Null: as <see cref="InputImage"/>.</summary>
    public decimal? CachedInputImage { get; init; }

    /// <summary>Per million output tokens of images. Null: as <see cref="Output"/>.</summary>
    public decimal? OutputImage { get; init; }

    /// <summary>Per image that is made. Null: none are, or nobody knows.</summary>
    public decimal? PerImage { get; init; }

    /// <summary>Per minute of sound. Null: as <see cref="PerImage"/>.</summary>
    public decimal? PerMinute { get; init; }

    /// <summary>The first day, UTC, on which it holds. Null: it has always held.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Only of what the provider served in this tier: <c>flex</c>, <c>priority</c>. Null: of all that has no price of its own.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>Only of requests whose input is longer than that, in tokens; of those it is the price of everything. Null: of any length.</summary>
    public long? AboveInputTokens { get; init; }

    /// <summary>Where the price is from, for people.</summary>
    public string? Source { get; init; }

    /// <summary>The day on which it stood there.</summary>
    public DateOnly? AsOf { get; init; }
}
