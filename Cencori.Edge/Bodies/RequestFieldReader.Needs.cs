using System.IO.Hashing;

namespace Cencori.Edge.Bodies;

internal ref partial struct RequestFieldReader
{
    // What a provider caches of a prompt begins with as much, and all turns of a conversation have it.
    private const int LongestPrefix = 4 * 1024;

    private void ReadLabel(RequestField field) => (_labels ??= new()).Read(ref _reader, field);

    // Every occurrence counts, since a provider may read any of them.
    private void Note(RequestField field, in InputWatch watch, long start)
    {
        if (Notes(NotedFields.Needs))
        {
            _asks |= watch.Asks;
        }

        if (Notes(NotedFields.Prefix) && field is RequestField.Tools or RequestField.Functions or RequestField.System or RequestField.Instructions
            or RequestField.Messages or RequestField.TextOrTokens)
        {
            AddToPrefix(start, watch.UserEnd == 0 ? _reader.BytesConsumed : watch.UserEnd);
        }
    }

    // What follows the first message of a user is not there in the conversation's first turn.
    private void AddToPrefix(long start, long end)
    {
        var length = (int)Math.Min(end - start, LongestPrefix - _prefixed);
        if (length > 0)
        {
            _prefix = XxHash3.HashToUInt64(_body.Slice(_start + (int)start, length), (long)_prefix);
            _prefixed += length;
        }
    }
}
