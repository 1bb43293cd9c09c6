using System.Text.Json.Serialization;

namespace Cencori.Edge.Storage;

/// <summary>The price of a provider's model, in US dollars. The same form in the price file, in a project's settings and in memory.</summary>
public sealed record ModelPrice
{
    /// <summary>Id of the provider.</summary>
    public required string Provider { get; init; }

    /// <summary>The model as it is sent to the provider, or the beginning of its name and <c>*</c>. Case and surrounding spaces are ignored.</summary>
    public required string Model { get; init; }

    /// <summary>Per million input tokens. Null: tokens have no price.</summary>
    public decimal? Input { get; init; }

    /// <summary>Per million input tokens read from the provider's cache. Null: as <see cref="Input"/>.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>Per million input tokens written to the provider's cache. Null: as <see cref="Input"/>.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>Per million input tokens written to the cache for one hour. Null: as <see cref="CacheWrite"/>.</summary>
    [JsonPropertyName("cache_write_1h")]
    public decimal? HourCacheWrite { get; init; }

    /// <summary>Per million output tokens; required if <see cref="Input"/> is set.</summary>
    public decimal? Output { get; init; }

    /// <summary>Per million audio input tokens. Null: as <see cref="Input"/>.</summary>
    public decimal? InputAudio { get; init; }

    /// <summary>Per million audio input tokens read from the provider's cache. Null: as <see cref="InputAudio"/>.</summary>
    public decimal? CachedInputAudio { get; init; }

    /// <summary>Per million audio output tokens. Null: as <see cref="Output"/>.</summary>
    public decimal? OutputAudio { get; init; }

    /// <summary>Per million image input tokens. Null: as <see cref="Input"/>.</summary>
    public decimal? InputImage { get; init; }

    /// <summary>Per million image input tokens read from the provider's cache. Null: as <see cref="InputImage"/>.</summary>
    public decimal? CachedInputImage { get; init; }

    /// <summary>Per million image output tokens. Null: as <see cref="Output"/>.</summary>
    public decimal? OutputImage { get; init; }

    /// <summary>Per generated image. Null: no price per image.</summary>
    public decimal? PerImage { get; init; }

    /// <summary>Per minute of audio. Null: no price per minute.</summary>
    public decimal? PerMinute { get; init; }

    /// <summary>The first day, UTC, on which the price applies. Null: it has always applied.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Applies only to responses of this service tier: <c>flex</c>, <c>priority</c>. Null: to all tiers without their own price.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>Applies only to requests with more input tokens than this, and then to the whole request. Null: to any length.</summary>
    public long? AboveInputTokens { get; init; }

    /// <summary>Source of the price, for people.</summary>
    public string? Source { get; init; }

    /// <summary>The day on which the source showed this price.</summary>
    public DateOnly? AsOf { get; init; }
}
