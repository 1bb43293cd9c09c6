namespace Cencori.Edge.Metering;

/// <summary>The numbers of a provider's <c>usage</c>, in whatever names it has for them. Of several the last counts, number by number.</summary>
internal struct ReportedUsage
{
    private long? _input;
    private bool _isInputWithCache;
    private long? _output;
    private long? _total;
    private long? _cached;
    private long? _cacheRead;
    private long? _cacheWritten;
    private long? _seconds;
    private long? _duration;
    private int _images;

    /// <summary>At least one number of what is paid for was told.</summary>
    public readonly bool IsKnown => (_input ?? _output ?? _total ?? _seconds ?? _duration) is not null || _images > 0;

    /// <summary>Of the output, too, where there was any.</summary>
    public readonly bool TellsOutput => (_output ?? _total ?? _seconds ?? _duration) is not null || _images > 0;

    /// <summary>An image is paid for where nothing is told of tokens.</summary>
    public void AddImage() => _images++;

    /// <summary>Of sound, where its <c>usage</c> does not tell. In whole seconds, begun ones included.</summary>
    public void SetDuration(long seconds) => _duration = seconds;

    public void Set(AnswerField field, long tokens)
    {
        switch (field)
        {
            case AnswerField.PromptTokens:
                _input = tokens;
                _isInputWithCache = true;
                break;
            case AnswerField.InputTokens:
                _input = tokens;
                _isInputWithCache = false;
                break;
            case AnswerField.CompletionTokens or AnswerField.OutputTokens:
                _output = tokens;
                break;
            case AnswerField.TotalTokens:
                _total = tokens;
                break;
            case AnswerField.CachedTokens:
                _cached = tokens;
                break;
            case AnswerField.CacheRead:
                _cacheRead = tokens;
                break;
            case AnswerField.CacheWritten:
                _cacheWritten = tokens;
                break;
            case AnswerField.Seconds:
                _seconds = tokens;
                break;
        }
    }

    public readonly TokenUsage Read()
    {
        var output = _output ?? 0;
        if ((_input ?? _output ?? _total) is null)
        {
            return new(0, 0, 0, IsEstimated: false, _images, _seconds ?? _duration ?? 0);
        }

        if ((_input ?? _output) is null)
        {
            return new(_total ?? 0, Math.Min(_cached ?? 0, _total ?? 0), 0, IsEstimated: false);
        }

        // Anthropic's own API leaves what was cached out of the input, and tells no total.
        var outside = _isInputWithCache || _total is not null ? 0 : (_cacheRead ?? 0) + (_cacheWritten ?? 0);
        var input = (_input ?? 0) + outside;

        // Some leave reasoning out of the output and count it in the total all the same.
        output = Math.Max(output, (_total ?? 0) - input);
        return new(input, Math.Min(_cached ?? _cacheRead ?? 0, input), output, IsEstimated: false);
    }
}
