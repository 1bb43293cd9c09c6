namespace Cencori.Edge.Metering;

/// <summary>Collects the numbers of a provider's <c>usage</c>, under any of their known names. If a number is repeated, the last value is used.</summary>
internal struct ReportedUsage
{
    // xAI reports costs in ticks. One US dollar has this number of ticks.
    private const decimal TicksPerUsd = 10_000_000_000;
    private const decimal MaxCost = 1_000_000_000_000_000_000;

    private long? _input;
    private bool _isInputWithCache;
    private long? _output;
    private long? _total;
    private long? _cached;
    private long? _cacheRead;
    private long? _cacheWritten;
    private long? _seconds;
    private long? _duration;
    private long _audioSeconds;
    private int _images;
    private long _cacheWrittenInside;
    private long _fiveMinutesWritten;
    private long _hourWritten;
    private long _audioInput;
    private long _cachedAudioInput;
    private long _imageInput;
    private long _cachedImageInput;
    private long _audioOutput;
    private long _imageOutput;
    private decimal? _cost;
    private decimal? _upstreamCost;
    private bool _isByok;

    /// <summary>True when the provider reported at least one billable number.</summary>
    public readonly bool IsKnown => (_input ?? _output ?? _total ?? _seconds ?? _duration) is not null || _images > 0;

    /// <summary>True when the reported numbers cover the model's output. False when at most input tokens are reported.</summary>
    public readonly bool IncludesOutput => (_output ?? _total ?? _seconds ?? _duration) is not null || _images > 0;

    /// <summary>The reported cost in US dollars. Null when the provider reports no cost, or when OpenRouter reports its fee without the cost at the model's
    /// provider.</summary>
    public readonly decimal? Cost => _isByok ? _cost + _upstreamCost : _cost;

    /// <summary>Adds one generated image. Images are billed only when no tokens are reported.</summary>
    public void AddImage() => _images++;

    /// <summary>Sets the length of the audio in seconds, rounded up, from a field outside of <c>usage</c>.</summary>
    public void SetDuration(long seconds) => _duration = seconds;

    /// <summary>Sets OpenRouter's <c>is_byok</c>. True: the caller's own account at the model's provider pays, and the reported cost is only OpenRouter's fee.</summary>
    public void SetByok(bool isByok) => _isByok = isByok;

    public void SetCost(ResponseField field, decimal cost)
    {
        // A cost above MaxCost is ignored. MaxCost is far above any plausible cost. Sums of costs up to MaxCost fit into a decimal.
        if (Math.Abs(cost) > MaxCost)
        {
            return;
        }

        switch (field)
        {
            case ResponseField.Cost or ResponseField.TotalCost:
                _cost = cost;
                break;
            case ResponseField.CostTicks:
                _cost = cost / TicksPerUsd;
                break;
            case ResponseField.UpstreamCost:
                _upstreamCost = cost;
                break;
        }
    }

    public void Set(JsonLocation place, ResponseField field, long tokens)
    {
        switch (place, field)
        {
            case (_, ResponseField.PromptTokens):
                _input = tokens;
                _isInputWithCache = true;
                break;
            case (_, ResponseField.InputTokens):
                _input = tokens;
                _isInputWithCache = false;
                break;
            case (_, ResponseField.CompletionTokens or ResponseField.OutputTokens):
                _output = tokens;
                break;
            case (_, ResponseField.TotalTokens):
                _total = tokens;
                break;
            case (_, ResponseField.CachedTokens):
                _cached = tokens;
                break;
            case (_, ResponseField.CacheRead):
                _cacheRead = tokens;
                break;
            case (_, ResponseField.CacheWritten):
                _cacheWritten = tokens;
                break;
            case (_, ResponseField.CacheWrittenInside):
                _cacheWrittenInside = tokens;
                break;
            case (_, ResponseField.FiveMinutesWritten):
                _fiveMinutesWritten = tokens;
                break;
            case (_, ResponseField.HourWritten):
                _hourWritten = tokens;
                break;
            case (_, ResponseField.Seconds):
                _seconds = tokens;
                break;
            case (_, ResponseField.AudioSeconds):
                _audioSeconds = tokens;
                break;
            case (JsonLocation.InputDetails, ResponseField.AudioTokens):
                _audioInput = tokens;
                break;
            case (JsonLocation.InputDetails, ResponseField.ImageTokens):
                _imageInput = tokens;
                break;
            case (JsonLocation.CachedDetails, ResponseField.AudioTokens):
                _cachedAudioInput = tokens;
                break;
            case (JsonLocation.CachedDetails, ResponseField.ImageTokens):
                _cachedImageInput = tokens;
                break;
            case (JsonLocation.OutputDetails, ResponseField.AudioTokens):
                _audioOutput = tokens;
                break;
            case (JsonLocation.OutputDetails, ResponseField.ImageTokens):
                _imageOutput = tokens;
                break;
        }
    }

    public readonly TokenUsage Read()
    {
        var output = _output ?? 0;
        if ((_input ?? _output ?? _total) is null)
        {
            return new(0, 0, 0, IsEstimated: false, _images, _seconds ?? _duration ?? 0) { ReportedUsd = Cost };
        }

        if ((_input ?? _output) is null)
        {
            return new(_total ?? 0, Math.Min(_cached ?? 0, _total ?? 0), 0, IsEstimated: false) { Details = ReadDetails(0), ReportedUsd = Cost };
        }

        // Anthropic's API excludes cached tokens from the input tokens and reports no total, so the cached tokens are added.
        var written = Math.Max(_cacheWritten ?? 0, _fiveMinutesWritten + _hourWritten);
        var outside = _isInputWithCache || _total is not null ? 0 : (_cacheRead ?? 0) + written;
        var input = (_input ?? 0) + outside;

        // Mistral counts audio neither as input nor as output, only in the total. Of a chat it reports the tokens of the audio, of a transcription the seconds.
        var rest = Math.Max(0, (_total ?? 0) - input - output);
        input += _audioInput > input ? Math.Min(rest, _audioInput) : _audioSeconds > 0 ? rest : 0;

        // Some providers exclude reasoning tokens from the output tokens but include them in the total.
        output = Math.Max(output, (_total ?? 0) - input);
        return new(input, Math.Min(_cached ?? _cacheRead ?? 0, input), output, IsEstimated: false, Seconds: _audioSeconds) { Details = ReadDetails(written), ReportedUsd = Cost };
    }

    private readonly TokenDetails ReadDetails(long written) => new()
    {
        CacheWrites = Math.Max(written, _cacheWrittenInside),
        HourCacheWrites = _hourWritten,
        AudioInput = _audioInput,
        CachedAudioInput = _cachedAudioInput,
        ImageInput = _imageInput,
        CachedImageInput = _cachedImageInput,
        AudioOutput = _audioOutput,
        ImageOutput = _imageOutput,
    };
}
