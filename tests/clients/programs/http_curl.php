<?php
// PHP with its curl extension, which PHP's HTTP libraries use as well. One handle, so that the connection may be kept.
$handle = curl_init();

function get(string $url): array {
    global $handle;
    curl_setopt_array($handle, [
        CURLOPT_URL => $url, CURLOPT_RETURNTRANSFER => true, CURLOPT_ENCODING => '', CURLOPT_CAINFO => getenv('CLIENT_CA'),
        CURLOPT_USERPWD => getenv('CLIENT_USER') . ':' . getenv('CLIENT_SECRET'), CURLOPT_TIMEOUT_MS => (int) (1000 * (float) getenv('CLIENT_TIMEOUT')),
    ]);
    $body = curl_exec($handle);
    if ($body === false) throw new RuntimeException(curl_error($handle));
    return [curl_getinfo($handle, CURLINFO_RESPONSE_CODE), json_decode($body, true, 64, JSON_THROW_ON_ERROR)];
}

function run(string $action, ?string $sid = null, int $times = 1): array {
    $base = getenv('CLIENT_URL') . '/v1/Voice/';
    if ($action === 'list') {
        $calls = 0;
        for ($url = $base . 'Summaries?PageSize=2'; $url !== null; $url = $page['meta']['next_page_url']) {
            [, $page] = get($url);
            $calls += count($page['call_summaries']);
        }
        return ['calls' => $calls];
    }
    while ($times-- > 0) {
        [$status, $body] = get($base . $sid . '/Summary');
        if ($status !== 200) return ['error' => ['status' => $status, 'code' => $body['code'], 'text' => $body['message']]];
    }
    return ['call_sid' => $body['call_sid']];
}

try {
    $said = run(...array_slice($argv, 1));
} catch (Throwable $error) {
    $said = ['error' => ['status' => null, 'code' => null, 'text' => $error->getMessage()]];
}
echo json_encode($said), "\n";
