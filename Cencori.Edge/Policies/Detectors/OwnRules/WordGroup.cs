namespace Cencori.Edge.Policies.Detectors.OwnRules;

/// <summary>Collects words that are near each other. They become findings when at least <c>threshold</c> different ones occur.</summary>
internal sealed class WordGroup(int threshold)
{
    private readonly Queue<(Finding Word, int Phrase)> _near = [];
    private readonly Dictionary<int, int> _counts = [];

    // Number of words in _near that are already findings. These words come first in the queue.
    private int _reported;

    /// <summary>
    /// Adds the next match in the text. <paramref name="phrase"/> is the index of the configured word or phrase that matched. When enough different words
    /// and phrases are near each other, their matches are added to <paramref name="findings"/>.
    /// </summary>
    public void Add(Finding word, int phrase, List<Finding> findings)
    {
        while (_near.TryPeek(out var first) && word.End - first.Word.Start > WordsDetector.Near)
        {
            _near.Dequeue();
            _reported = Math.Max(0, _reported - 1);
            _counts[first.Phrase]--;
            if (_counts[first.Phrase] == 0)
            {
                _counts.Remove(first.Phrase);
            }
        }

        _near.Enqueue((word, phrase));
        _counts[phrase] = _counts.GetValueOrDefault(phrase) + 1;
        if (_counts.Count < threshold)
        {
            return;
        }

        if (_reported == _near.Count - 1)
        {
            findings.Add(word);
        }
        else
        {
            findings.AddRange(_near.Skip(_reported).Select(near => near.Word));
        }

        _reported = _near.Count;
    }
}
